"""What is said of studies in which some trials lack some parameters, and of values of any size."""

import numpy as np
import optuna
import pytest

from hpo.analysis.borders import borders
from hpo.analysis.effects import MainEffect, main_effect
from hpo.analysis.importance import METHODS, Importance, importance
from hpo.analysis.noise import noise
from hpo.analysis.patterns import patterns
from hpo.analysis.posterior import posterior
from hpo.analysis.reading import read
from hpo.analysis.selection import SelectionGap, selection_gap
from hpo.analysis.surface import surface
from hpo.analysis.table import Table, Unanswered, there_are


def study(size: float = 1.0, trials: int = 30) -> Table:
    """Of two kinds of network: the deep one is best with a depth of 1 and a share of 0, and the wide one worse by 1."""
    generator = np.random.default_rng(3)

    def objective(trial: optuna.Trial) -> float:
        luck = float(generator.normal(0, 0.05))
        if trial.suggest_categorical("kind", ["wide", "deep"]) == "wide":
            return size * (1 + trial.suggest_float("width", 1e-3, 1e3, log=True) / 1e3 + luck)
        return size * (0.05 * trial.suggest_int("depth", 1, 20) + trial.suggest_float("share", 0, 1) + luck)

    made = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=4))
    made.optimize(objective, trials)
    return read(made)


def test_the_best_of_a_conditional_space_is_judged_without_the_parameters_that_it_lacks() -> None:
    """What is to be expected of it is a number near the truth, and lies within its interval."""
    table = study()
    found = selection_gap(table, noise(table))
    assert isinstance(found, SelectionGap)
    best = int(np.argmin(table.values[:, 0]))
    truth = 0.05 * table.columns["depth"].values[best] + table.columns["share"].values[best]
    assert np.isnan(table.columns["width"].values[best])
    assert found.expected_low < truth < found.expected_high
    assert found.expected == pytest.approx(truth, abs=0.15)


def test_ends_are_told_of_the_parameters_that_the_best_has() -> None:
    """The others have no place where the best could lie."""
    found = borders(study())
    assert not isinstance(found, Unanswered)
    assert {border.parameter for border in found} == {"depth", "share"}
    assert all(np.isfinite(border.p) for border in found)


def test_a_slice_averages_over_what_occurs_together() -> None:
    """A depth is judged among deep networks: over settings that no trial can have, nothing would be known."""
    table = study()
    depth, kind = main_effect(table, "depth"), main_effect(table, "kind")
    assert isinstance(depth, MainEffect)
    assert isinstance(kind, MainEffect)
    truth = 0.05 * depth.at + 0.5
    assert ((depth.low < truth) & (truth < depth.high)).mean() > 0.9
    assert (depth.high - depth.low).max() < 0.5
    deep = kind.labels.index("deep")
    assert kind.low[deep] < 0.05 * 10.5 + 0.5 < kind.high[deep] < kind.low[deep] + 0.3


def test_a_surface_averages_over_what_occurs_together() -> None:
    """Over two parameters of the deep networks it is known to within their noise."""
    table = study()
    found = surface(table, "depth", "share")
    assert not isinstance(found, Unanswered)
    assert float(np.median(found.deviation)) < 0.1


def test_patterns_are_those_of_the_trials() -> None:
    """The choice that decides which parameters there are goes with them."""
    found = posterior(study())
    assert not isinstance(found, Unanswered)
    names = [(one.name, one.presence) for one in found.model.coordinates]
    there = [{names[place]: value for place, value in pattern.items()} for pattern in patterns(found.model.coordinates)]
    assert sorted((one[("kind", False)], one[("width", True)], one[("depth", True)], one[("share", True)]) for one in there) == [
        (0.0, 1.0, 0.0, 0.0),
        (1.0, 0.0, 1.0, 1.0),
    ]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("size", [2.0**-40, 2.0**80])
def test_importance_does_not_depend_on_the_unit(method: str, size: float) -> None:
    """A forest takes tiny differences for none, unless values are brought to a common size."""
    found, same = importance(study(size), method), importance(study(), method)  # type: ignore[arg-type]  # a method's name
    assert isinstance(found, Importance)
    assert isinstance(same, Importance)
    assert [share.value for share in found.shares] == pytest.approx([share.value for share in same.shares])


def test_one_is_singular() -> None:
    """In the reason why nothing can be said."""
    assert (there_are(1), there_are(0), there_are(1200)) == ("there is 1", "there are 0", "there are 1,200")
