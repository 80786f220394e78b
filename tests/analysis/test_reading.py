"""Any Optuna study becomes a table."""

import math

import numpy as np
import optuna
import pytest
from optuna.distributions import FloatDistribution
from optuna.trial import TrialState, create_trial

from hpo import attributes
from hpo.analysis.reading import read
from hpo.training.job import EpochMetrics

from .studies import SPACE, draw, study, trial

POINT = draw(np.random.default_rng(0))


def test_parameters_become_columns() -> None:
    """Each column has the trial's own values, codes for choices, and the scale and range of its distribution."""
    found = read(study([trial(POINT, 1.0), trial({**POINT, "kind": None}, 2.0)]))
    assert set(found.columns) == set(SPACE)
    assert found.columns["rate"].log
    assert (found.columns["rate"].low, found.columns["rate"].high) == (1e-4, 1.0)
    assert found.columns["width"].integer
    assert found.columns["kind"].choices == ("relu", "tanh", None)
    assert found.columns["kind"].values[1] == 2
    assert found.columns["rate"].scaled == pytest.approx(np.log10([POINT["rate"]] * 2))
    assert found.values[:, 0].tolist() == [1.0, 2.0]
    assert found.metrics == ("value",)


@pytest.mark.parametrize(
    ("made", "outcome"),
    [
        (trial(POINT, 1.0), "completed"),
        (trial(POINT, math.inf), "diverged"),
        (trial(POINT, None, TrialState.PRUNED, {0: 1.0, 1: 2.0}), "pruned"),
        (trial(POINT, None, TrialState.PRUNED, {0: 1.0, 1: math.nan}), "diverged"),
        (trial(POINT, None, TrialState.FAIL, {0: math.inf}), "diverged"),
        (trial(POINT, None, TrialState.FAIL), "error"),
        (trial(POINT, None, TrialState.RUNNING), "unfinished"),
        (trial({}, None, TrialState.WAITING), "unfinished"),
        (trial(POINT, None, TrialState.PRUNED, {1: 0.5}, outcome="diverged"), "diverged"),
        (trial(POINT, 1.0, outcome={"made": "elsewhere"}), "completed"),
    ],
)
def test_what_became_of_a_trial(made: optuna.trial.FrozenTrial, outcome: str) -> None:
    """A trial that gave a number that is not finite diverged, whatever state it was left in."""
    found = read(study([made]))
    assert found.outcomes.tolist() == [outcome]
    assert found.completed.tolist() == [outcome == "completed"]


def test_missing_parameters_are_nan() -> None:
    """A conditional parameter is missing where a trial did not have it."""
    found = read(study([trial(POINT, 1.0), trial({"rate": 0.1}, 2.0)]))
    assert np.isnan(found.columns["decay"].values).tolist() == [False, True]


def test_a_range_that_changed_counts_as_the_widest() -> None:
    """A study whose ranges were moved in mid-study is read with all of its values in range."""
    ranges = [FloatDistribution(0.1, 0.5), FloatDistribution(0.3, 2.0), FloatDistribution(0.1, 0.5)]
    trials = [create_trial(params={"x": 0.4}, distributions={"x": one}, value=1.0) for one in ranges]
    column = read(study(trials)).columns["x"]
    assert (column.low, column.high) == (0.1, 2.0)


def test_several_objectives() -> None:
    """Every objective keeps its values, its direction and its name."""
    made = study([trial(POINT, [1.0, 2.0])], directions=("maximize", "minimize"))
    assert read(made).metrics == ("value 0", "value 1")
    with pytest.warns(optuna.exceptions.ExperimentalWarning):
        made.set_metric_names(["accuracy", "seconds"])
    found = read(made)
    assert found.metrics == ("accuracy", "seconds")
    assert found.maximise == (True, False)
    assert found.score(1).tolist() == [-2.0]


def test_an_empty_study() -> None:
    """A study without a trial is a table without rows."""
    found = read(study([]))
    assert (len(found), found.columns, found.values.shape) == (0, {}, (0, 1))


def test_curves_of_a_foreign_trial() -> None:
    """What a trial reported is its curve, in the order of its steps."""
    curve = read(study([trial(POINT, 1.0, reports={5: 0.5, 0: 0.1})])).curves(0)[0]
    assert (curve.axis, curve.at.tolist(), curve.metrics["value"].tolist()) == ("step", [0.0, 5.0], [0.1, 0.5])


def test_curves_of_our_own_trials() -> None:
    """Replicates, stage and cohort come back as the runner stored them, and survive the choice of some rows."""
    epochs = [EpochMetrics(epoch, 0.1, 2.0, 2.0, 0.1, 2.0, 2.0, 0.1 * epoch, 1.0) for epoch in (1, 2, 3)]
    stored = {"stage": "wide", "cohort": 4, "outcome": "completed"}
    for replicate in (0, 1):
        stored |= dict(attributes.curve_attributes(replicate, epochs))  # type: ignore[arg-type]  # JSON of any kind
    found = read(study([trial(POINT, 0.0), trial(POINT, 0.3, **stored)])).take(np.array([1]))
    assert (found.stages.tolist(), found.cohorts.tolist()) == (["wide"], [4])
    assert [curve.axis for curve in found.curves(0)] == ["epoch", "epoch"]
    assert found.curves(0)[1].metrics["validation_accuracy"] == pytest.approx([0.1, 0.2, 0.3])


def test_a_table_checks_itself() -> None:
    """Columns of different lengths are refused when the table is made, not when it is used."""
    found = read(study([trial(POINT, 1.0)]))
    with pytest.raises(ValueError, match="equally long"):
        type(found)(**{**{name: getattr(found, name) for name in found.__dataclass_fields__}, "seconds": np.zeros(2)})
