"""How drawn values fall, against how Optuna draws them."""

import numpy as np
import optuna
import pytest
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution

from hpo.analysis.reading import read
from hpo.analysis.spread import Spread, spread
from hpo.analysis.table import Table, Unanswered

from ..fakes.made_studies import made

DISTRIBUTIONS = {
    "whole": IntDistribution(1, 8),
    "whole log": IntDistribution(8, 64, log=True),
    "whole in steps": IntDistribution(0, 100, step=10),
    "many whole": IntDistribution(1, 5000, log=True),
    "float": FloatDistribution(-1, 1),
    "float log": FloatDistribution(1e-5, 1e-1, log=True),
    "float in steps": FloatDistribution(0, 1, step=0.1),
    "choice": CategoricalDistribution(("a", "b", None)),
}


@pytest.fixture(scope="module")
def drawn() -> Table:
    """1,500 points that Optuna's random sampler drew."""
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(0))
    for _ in range(1500):
        study.tell(study.ask(dict[str, BaseDistribution](DISTRIBUTIONS)), 0.0)
    return read(study)


@pytest.mark.parametrize("coarse", [False, True])
@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_random_draws_fall_as_expected(drawn: Table, name: str, coarse: bool) -> None:
    """Every trial is counted once, as many are expected, and counts differ from those by no more than chance."""
    found = spread(drawn, name, coarse=coarse)
    assert isinstance(found, Spread)
    assert found.counts.sum() == 1500
    assert found.expected.sum() == pytest.approx(1500)
    assert (np.diff(found.edges) > 0).all()
    # Pearson's statistic; its mean is the number of bins less one.
    bins = len(found.counts)
    assert ((found.counts - found.expected) ** 2 / found.expected).sum() < bins + 4 * np.sqrt(2 * bins)


def test_a_log_whole_parameter_has_no_love_for_powers_of_two(drawn: Table) -> None:
    """Value by value: 8 is likelier than 9 by the logarithm of their neighbourhoods, and 64 likelier than nobody."""
    found = spread(drawn, "whole log")
    assert isinstance(found, Spread)
    assert found.single
    assert found.edges[:3].tolist() == [7.5, 8.5, 9.5]
    share = found.expected / 1500
    assert share[0] == pytest.approx(np.log(8.5 / 7.5) / np.log(64.5 / 7.5))
    assert (np.diff(share) < 0).all()


def test_an_edge_never_divides_a_value(drawn: Table) -> None:
    """Bins of whole values end half-way between two of them."""
    found = spread(drawn, "many whole")
    assert isinstance(found, Spread)
    assert not found.single
    assert ((found.edges - 0.5) % 1 == 0).all()


def test_boxes_of_stages_are_expected_too() -> None:
    """A stage that draws from a box raises what is expected inside of it and nothing outside."""
    found = spread(read(made(100)), "eta")
    assert isinstance(found, Spread)
    below = found.edges[1:] < 0.03
    assert found.expected[below].sum() < 40 * 0.5
    assert found.expected.sum() == pytest.approx(100)


def test_derived_quantities_are_not_drawn() -> None:
    """What is computed from parameters has no distribution of its own."""
    table = read(made(3))
    from dataclasses import replace

    derived = table.with_columns([replace(table.columns["eta"], name="twice", derived=True)])
    assert spread(derived, "twice") == Unanswered("twice is not drawn but derived")
