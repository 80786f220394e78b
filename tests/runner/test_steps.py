"""Ranges with steps: values are those that a person writes, and Optuna's own tools go on with them."""

import json
import warnings
from collections.abc import Callable
from decimal import Decimal
from itertools import pairwise
from typing import Any

import optuna
import pytest
from hypothesis import given
from hypothesis import strategies as st

import hpo
from hpo.analysis.columns import columns_of
from hpo.cli.study.foreign import trial_record
from hpo.cli.study.records import record
from hpo.errors import UsageError
from hpo.runner import StoredStudy
from hpo.runner.enqueuing import enqueue, points
from hpo.search import ask
from hpo.space import Parameter
from hpo.spec.notes import notes

from ..fakes.studies import study_file, told
from .conftest import train

Make = Callable[..., StoredStudy]

#: Of the first, the step meets the upper end in decimals only; of the second, not at all.
SPACE: dict[str, Any] = {
    "momentum": {"low": 0.0, "high": 0.7, "step": 0.1},
    "eta": {"option": "learning_rate", "low": 0.0943223880069138, "high": 0.4588644776013828, "step": 0.05},
    "batch_size": {"low": 10, "high": 100, "step": 40},
}
WRITTEN = {
    "momentum": [0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7],
    "eta": [float(Decimal("0.0943223880069138") + place * Decimal("0.05")) for place in range(8)],
    "batch_size": [10, 50, 90],
}


@pytest.mark.parametrize("sampler", ["random", "qmc", "tpe", "gp", "cmaes"])
def test_values_are_those_that_a_person_writes(sampler: str) -> None:
    """Whatever sampler draws them, with trials of its own before it, and without a warning."""
    options = {"n_startup_trials": 3} if sampler in ("tpe", "gp") else {}
    spec = study_file(space=SPACE, search={"sampler": sampler, "sampler_options": options})
    trials: list[optuna.trial.FrozenTrial] = []
    for cohort in range(3):
        asked = ask(spec, "wide", {}, trials, range(4 * cohort, 4 * cohort + 4))
        assert all(value in WRITTEN[name] for point in asked for name, value in point.items())
        trials += [told(spec, 4 * cohort + n, point, values=[n / 9], cohort=cohort) for n, point in enumerate(asked)]


@given(st.integers(-50, 50), st.integers(1, 40), st.integers(1, 500), st.integers(1, 3))
def test_any_step_is_reckoned_in_decimals(low: int, step: int, length: int, places: int) -> None:
    """Floating point's sum of start and steps comes back as the decimal that it stands for; ends and neighbours are such too."""
    scale = Decimal(10) ** -places
    parameter = Parameter(low=float(low * scale), high=float((low + length) * scale), step=float(step * scale))
    exact = [float((low + step * place) * scale) for place in range(length // step + 1)]
    sums = [parameter.ends[0] + place * float(step * scale) for place in range(length // step + 1)]
    assert [parameter.written(value) for value in sums] == exact
    assert parameter.last == exact[-1]
    assert parameter.distribution().high == exact[-1]  # type: ignore[attr-defined]  # a range
    for left, right in pairwise(exact):
        assert parameter.nearest((left + right) / 2) == [left, right]


def test_where_steps_do_not_meet_the_end_the_last_value_is_said() -> None:
    """In a sentence for each such parameter, and for no other."""
    eta, batch = notes(study_file(space=SPACE))
    assert eta.startswith("space.eta: steps of 0.05 from 0.0943223880069138 do not meet high = 0.4588644776013828: ")
    assert eta.endswith("the last value is 0.4443223880069138")
    assert batch == "space.batch_size: steps of 40 from 10 do not meet high = 100: the last value is 90"


def test_stock_optuna_goes_on_with_them(stored: Make) -> None:
    """What is stored is a study of Optuna's: its own sampler takes the values, and asks for the next one."""
    study = stored(space=SPACE, search={"sampler": "tpe"})
    train(study)
    theirs = optuna.load_study(study_name="study", storage=study.database.address.url, sampler=optuna.samplers.TPESampler())
    for trial in theirs.trials:
        assert all(trial.distributions[name]._contains(value) for name, value in trial.params.items())
        assert all(value in WRITTEN[name] for name, value in trial.params.items())
    theirs.tell(theirs.ask(dict(theirs.trials[0].distributions)), 0.5)


def test_what_others_stored_reads_the_same() -> None:
    """Values that Optuna or an earlier version has stored as sums are written as decimals, in records and in analyses."""
    distributions = {"x": optuna.distributions.FloatDistribution(0.0, 0.7, step=0.1)}
    sums = [place * 0.1 for place in range(7)]  # The eighth lies above the end, to Optuna too.
    trials = [optuna.create_trial(params={"x": value}, distributions=distributions, value=1.0) for value in sums]
    assert 0.30000000000000004 in sums
    assert [record(trial)["params"]["x"] for trial in trials] == WRITTEN["momentum"][:7]
    assert [trial_record(trial)["params"]["x"] for trial in trials] == WRITTEN["momentum"][:7]
    assert columns_of(trials)["x"].values.tolist() == WRITTEN["momentum"][:7]


@pytest.mark.parametrize(
    ("point", "said"),
    [
        ({"momentum": 9.0}, "momentum must lie from 0.0 to 0.7 in steps of 0.1, got 9.0: the nearest is 0.7"),
        ({"momentum": -1}, "momentum must lie from 0.0 to 0.7 in steps of 0.1, got -1: the nearest is 0.0"),
        ({"momentum": 0.33}, "momentum must lie on the steps of 0.1 from 0.0, got 0.33: the nearest is 0.3 or 0.4"),
        ({"batch_size": 100}, "batch_size must lie from 10 to 90 in steps of 40, got 100: the nearest is 90"),
        ({"batch_size": 60}, "batch_size must lie on the steps of 40 from 10, got 60: the nearest is 50 or 90"),
        ({"eta": 0.45}, "got 0.45: the nearest is 0.4443223880069138"),
    ],
)
def test_points_between_steps_are_refused(point: dict[str, Any], said: str) -> None:
    """With the nearest values that there are."""
    with pytest.raises(UsageError) as error:
        points(study_file(space=SPACE), [json.dumps(point)])
    assert said in str(error.value)


def test_a_sum_is_taken_as_the_decimal(stored: Make) -> None:
    """0.30000000000000004 is 0.3, and the same point as that; so is 0.7000000000000001 at the end."""
    spec = study_file(space=SPACE)
    assert points(spec, ['{"momentum": 0.30000000000000004}', '{"momentum": 0.7000000000000001}']) == [
        {"momentum": 0.3},
        {"momentum": 0.7},
    ]
    study = stored(space=SPACE)
    assert enqueue(study, [{"momentum": 0.3}]) == [(0, True)]
    assert enqueue(study, points(spec, ['{"momentum": 0.30000000000000004}'])) == [(0, False)]


def test_an_objective_asks_without_a_warning(cache: object) -> None:
    """Optuna would warn at each trial of a range that its step does not divide; the network gets the decimal."""
    spec = study_file(space=SPACE, training={"epochs": 1}, data={"name": "digits", "train": 200, "validation": 100})
    trial = optuna.create_study(direction="maximize").ask()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        objective: Any = hpo.objective(spec)
        suggested = {name: objective._suggest(trial, name) for name in spec.space}
    assert all(value in WRITTEN[name] for name, value in suggested.items())
