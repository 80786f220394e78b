"""What single trials show: borders, duplicates, fronts, noise and the luck of the best."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from optuna.trial import TrialState

from hpo.analysis.borders import borders
from hpo.analysis.duplicates import duplicates
from hpo.analysis.metrics import TRAINED, available, replicates
from hpo.analysis.noise import Noise, noise
from hpo.analysis.pareto import Front, front
from hpo.analysis.reading import read
from hpo.analysis.selection import SelectionGap, selection_gap
from hpo.analysis.table import Curve, Table, Unanswered
from hpo.errors import UsageError
from hpo.testing import planted
from hpo.training.job import EpochMetrics

from .studies import study, table, trial


@pytest.mark.parametrize(("rate", "side"), [(1.1e-4, "low"), (0.9, "high"), (0.01, None), (1e-4, "low"), (3e-4, None)])
def test_a_best_at_the_border_is_seen(rate: float, side: str | None) -> None:
    """Within a twentieth of the range, on its own scale, the best lies at the border."""
    found = borders(read(study([trial({"rate": rate}, 1.0), trial({"rate": 0.02}, 0.0)])))
    assert not isinstance(found, Unanswered)
    assert found[0].side == side
    assert (found[0].value, found[0].low, found[0].high) == (rate, 1e-4, 1.0)


def test_whole_numbers_lie_at_a_border_only_at_its_end() -> None:
    """One from the end of a range of whole numbers is not at its end."""
    for layers, side in ((4, "high"), (3, None), (1, "low")):
        found = borders(read(study([trial({"layers": layers}, 1.0)])))
        assert not isinstance(found, Unanswered)
        assert found[0].side == side


def test_the_box_of_the_stage_counts() -> None:
    """The best of a narrowed stage is measured against the box that it was drawn from."""
    made = read(study([trial({"rate": 0.19}, 1.0, stage="narrow"), trial({"rate": 0.01}, 0.0, stage="wide")]))
    boxed = Table(**{**{n: getattr(made, n) for n in made.__dataclass_fields__}, "boxes": {"narrow": {"rate": (0.05, 0.2)}}})
    found = borders(boxed)
    assert not isinstance(found, Unanswered)
    assert (found[0].side, found[0].low, found[0].high) == ("high", 0.05, 0.2)


def test_duplicates_are_grouped() -> None:
    """Trials at one point form a group, in order; a missing parameter is part of the point."""
    points = [{"rate": 0.1, "kind": "relu"}, {"rate": 0.2}, {"rate": 0.1, "kind": "relu"}, {"rate": 0.1}, {"rate": 0.2}]
    found = duplicates(read(study([trial(point, 1.0) for point in points])))
    assert (found.groups, found.repeated) == (((0, 2), (1, 4)), 2)


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), min_size=1, max_size=25))
def test_the_front_is_what_nobody_beats(values: list[tuple[int, int]]) -> None:
    """A trial is on the front exactly when no other is at least as good in all and better in one."""
    made = read(study([trial({"rate": 0.1}, list(map(float, pair))) for pair in values], ("maximize", "minimize")))
    found = front(made)
    assert isinstance(found, Front)
    beaten = {i for i, (a, b) in enumerate(values) if any(c >= a and d <= b and (c, d) != (a, b) for c, d in values)}
    assert set(found.numbers.tolist()) == set(range(len(values))) - beaten


def test_noise_from_replicates() -> None:
    """The pooled deviation between networks at one point is the planted one, within its own interval."""
    runs = np.random.default_rng(0).standard_normal((30, 4)) * 0.2 + np.arange(30.0)[:, None]
    found = noise(planted.table({"x": np.arange(30.0)}, runs.mean(axis=1), replicates=runs))
    assert isinstance(found, Noise)
    assert found.low < 0.2 < found.high
    assert (found.source, found.runs, found.points) == ("replicates", 120, 30)


def test_noise_from_repeated_points() -> None:
    """Several trials at one point serve as replicates."""
    found = noise(read(study([trial({"rate": 0.1}, value) for value in (1.0, 2.0, 3.0)])))
    assert isinstance(found, Noise)
    assert found.deviation == pytest.approx(1.0)


def test_noise_from_a_surface() -> None:
    """Without replicates the scatter about a smooth surface stands in for noise."""
    found = noise(table(120, noise=0.3))
    assert isinstance(found, Noise)
    assert found.source == "surface"
    assert found.deviation == pytest.approx(0.3, rel=0.35)


@pytest.mark.parametrize("seed", range(3))
def test_the_luck_of_the_best(seed: int) -> None:
    """The gap is near what the best value really exceeds its true one by, on the average of many studies."""
    generator = np.random.default_rng(seed)
    true, estimated = [], []
    level = Noise(0.5, np.nan, np.nan, "surface", 1, 1)
    for _ in range(60):
        truths = generator.standard_normal(50)
        values = truths + 0.5 * generator.standard_normal(50)
        found = selection_gap(planted.table({"x": generator.random(50)}, values), level)
        assert isinstance(found, SelectionGap)
        true.append(values.max() - truths[values.argmax()])
        estimated.append(found.gap)
        assert found.expected == pytest.approx(found.best - found.gap)
    assert np.mean(estimated) == pytest.approx(np.mean(true), rel=0.3)


def test_metrics_are_read_from_curves() -> None:
    """A metric is the last of its curve or the one at an epoch; the objective's replicates are those whose mean is the value."""
    at = np.array([1.0, 2.0, 3.0])
    curves = tuple(Curve("epoch", at, {"validation_accuracy": at * scale, "training_loss": at / scale}) for scale in (1.0, 2.0))
    made = planted.table({"x": np.arange(2.0)}, np.array([3.0, 7.0]))
    made = Table(**{**{n: getattr(made, n) for n in made.__dataclass_fields__}, "curves_of": lambda row: curves})
    assert replicates(made, "training_loss").tolist() == [[3.0, 1.5], [3.0, 1.5]]
    assert replicates(made, "training_loss@2")[0].tolist() == [2.0, 1.0]
    assert np.isnan(replicates(made, "training_loss@9")).all()
    # the mean at the second epoch is 3, and no epoch has a mean of 7
    assert replicates(made, "validation_accuracy")[0].tolist() == [2.0, 4.0]
    assert replicates(made, "validation_accuracy")[1, 0] == 7.0
    assert "training_loss" in available(made)


@pytest.mark.parametrize(("name", "message"), [("trainig_loss", "did you mean"), ("value@x", "read at an epoch")])
def test_unknown_metrics_are_named(name: str, message: str) -> None:
    """A metric that the study does not have is answered with those that it has."""
    made = read(study([trial({"rate": 0.1}, 1.0, reports={1: 1.0}), trial({"rate": 0.1}, None, TrialState.FAIL)]))
    known = Table(**{**{n: getattr(made, n) for n in made.__dataclass_fields__}, "curves_of": lambda row: (CURVE,)})
    with pytest.raises(UsageError, match=message):
        replicates(known, name)


CURVE = Curve("epoch", np.ones(1), {"training_loss": np.ones(1)})


def test_the_metrics_of_training_are_those_that_jobs_report() -> None:
    """The names that a claim may use are the ones that are stored."""
    assert set(TRAINED) == set(EpochMetrics._fields) - {"epoch", "seconds"}
