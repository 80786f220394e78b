"""What single trials show: borders, duplicates, fronts, noise and the luck of the best."""

from dataclasses import replace

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
from hpo.analysis.table import Column, Curve, Table, Unanswered
from hpo.errors import UsageError
from hpo.testing import planted, planted_surfaces
from hpo.training.job import EpochMetrics

from .studies import study, table, trial


def tilted(slope: float, *, count: int = 30, whole: bool = False, boxes: tuple[float, float] | None = None) -> Table:
    """A value that rises by `slope` times the noise along the first of two parameters."""
    generator = np.random.default_rng(3)
    low, high = boxes or (0.0, 1.0)
    place = generator.integers(1, 5, count) if whole else low + (high - low) * generator.random(count)
    columns = {"first": place.astype(float), "second": generator.random(count)}
    made = planted.table(columns, slope * columns["first"] + generator.standard_normal(count))
    column = Column("first", made.columns["first"].values, *((1.0, 4.0) if whole else (0.0, 1.0)), integer=whole)
    named = replace(made, columns={**made.columns, "first": column})
    return replace(named, stages=np.full(count, "all"), boxes={"all": {"first": boxes}}) if boxes else named


@pytest.mark.parametrize(("slope", "side"), [(25.0, "high"), (-25.0, "low"), (0.0, None), (1.0, None)])
def test_a_best_at_the_end_is_seen(slope: float, side: str | None) -> None:
    """Where the value rises up to an end and the trials show it; not where the best trial alone lies there."""
    found = borders(tilted(slope))
    assert not isinstance(found, Unanswered)
    assert [one.side for one in found] == [side, None]
    assert (found[0].p <= 0.05) == (side is not None)
    assert (found[0].low, found[0].high) == (0.0, 1.0)


def test_the_last_whole_number_is_an_end() -> None:
    """Of four whole numbers the best is the last."""
    found = borders(tilted(6.0, whole=True))
    assert not isinstance(found, Unanswered)
    assert found[0].side == "high"


def test_the_boxes_of_the_stages_count() -> None:
    """The end is that of the widest box that a stage drew from, not that of the parameter."""
    found = borders(tilted(40.0, boxes=(0.2, 0.6)))
    assert not isinstance(found, Unanswered)
    assert (found[0].side, found[0].low, found[0].high) == ("high", 0.2, 0.6)


def test_no_better_is_sought_where_trials_diverge() -> None:
    """The value rises to the upper end, beyond which everything diverged."""
    made = tilted(15.0, count=40)
    gone = made.columns["first"].values > 0.8
    found = borders(replace(made, outcomes=np.where(gone, "diverged", "completed")))
    assert not isinstance(found, Unanswered)
    assert found[0].side is None


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


def test_the_luck_of_the_best() -> None:
    """The gap is near what the best value really exceeds its true one by, on the average of many studies, choices or not."""
    kind, generator = planted_surfaces.Situation("a bowl", "bowl", 30, 2, 3, noise=0.5), np.random.default_rng(0)
    true, estimated = [], []
    for seed in range(25):
        made = planted_surfaces.planted(kind, generator, seed)
        table = made.table
        found = selection_gap(table, noise(table))
        assert isinstance(found, SelectionGap)
        best = table.take([int(np.nanargmax(table.score()))])
        u = np.array([[best.columns[name].values[0] for name in ("x0", "x1")]])
        true.append(found.best - made.truth(u, best.columns["choice"].values.astype(int))[0])
        estimated.append(found.gap)
        assert found.expected == pytest.approx(found.best - found.gap)
        assert found.low == pytest.approx(found.best - found.expected_high)
        assert found.expected_low < found.expected < found.expected_high
    assert np.mean(estimated) == pytest.approx(np.mean(true), abs=0.25)


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
