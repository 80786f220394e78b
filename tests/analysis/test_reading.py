"""Any Optuna study becomes a table."""

import math

import numpy as np
import optuna
import pytest
from optuna.distributions import FloatDistribution
from optuna.trial import TrialState, create_trial

from hpo import attributes
from hpo.analysis.choices import identity
from hpo.analysis.reading import read
from hpo.training.job import EpochMetrics

from ..fakes.odd_studies import ODD
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
        (trial(POINT, None, TrialState.PRUNED, {1: 0.5}, **{attributes.OUTCOME: "diverged"}), "diverged"),
        (trial(POINT, None, TrialState.PRUNED, {1: 0.5}, outcome="diverged"), "pruned"),
        (trial(POINT, 1.0, **{attributes.OUTCOME: {"made": "elsewhere"}}), "completed"),
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


@pytest.mark.parametrize("name", ["reordered_choices", "grown_choices", "shrunk_choices", "mixed_choices", "lists_as_choices"])
def test_choices_are_read_by_value(name: str) -> None:
    """Whatever list a trial's choice came from: the name over each trial is that of the choice that the trial has."""
    made = ODD[name]()
    for column in read(made).parameters:
        if column.choices is not None:
            named = [column.choices[int(code)] for code in column.values]
            own = [one.params[column.name] for one in made.trials]
            assert [identity(choice) for choice in named] == [identity(choice) for choice in own]


def test_choices_that_look_alike_have_names_of_their_own() -> None:
    """None is told from "None", 0 from "0" and False, 1 from 1.0 and True: texts like another type are quoted."""
    column = read(ODD["mixed_choices"]()).columns["weights"]
    assert column.choices is not None
    assert len(set(column.names)) == len(column.choices) == 16
    assert column.names[:10] == ("None", '"None"', "0", '"0"', "False", "0.5", '"0.5"', "1", "True", "1.0")
    assert column.names[-1] == "a"
    assert [column.code(choice) for choice in column.choices] == list(range(16))


def test_numbers_among_choices_become_a_range() -> None:
    """A parameter that was a choice among numbers, and then a range, is one of numbers over all of them."""
    column = read(ODD["numbers_then_range"]()).columns["batch"]
    assert (column.low, column.high, column.integer, column.choices) == (8, 128, True, None)
    assert column.values[:4].tolist() == [16, 32, 64, 16]


def test_numbers_beside_words_stay_what_they_are() -> None:
    """A number in some trials and a word in others: each value is a choice."""
    made = ODD["range_or_word"]()
    column = read(made).columns["clip"]
    assert column.choices is not None
    assert [column.choices[int(code)] for code in column.values] == [one.params["clip"] for one in made.trials]


def test_a_scale_that_changed_holds_every_value() -> None:
    """Whole numbers that became fractions are none any more; one logarithmic range makes the scale so only above zero."""
    made = ODD["whole_then_fraction"]()
    found = read(made)
    for name in "abc":
        assert found.columns[name].values.tolist() == [one.params[name] for one in made.trials]
    assert (found.columns["a"].integer, found.columns["a"].low, found.columns["a"].high) == (False, 0.5, 8)
    assert not found.columns["b"].log
    assert found.columns["c"].step is None


def test_a_value_beyond_every_range_is_in_range() -> None:
    """A trial that was put into the queue may lie outside of what its script draws from."""
    found = read(ODD["own_ranges"]()).columns
    assert (found["x"].low, found["x"].high) == (-3.0, 25.0)
    assert (found["n"].low, found["n"].high) == (0, 25)


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
    stored = {attributes.STAGE: "wide", attributes.COHORT: 4, attributes.OUTCOME: "completed"}
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
