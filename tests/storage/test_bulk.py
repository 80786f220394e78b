"""Trials that are written in bulk are those that Optuna's own calls write."""

import math

import optuna
import pytest
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.exceptions import UpdateFinishedTrialError
from optuna.trial import FrozenTrial, TrialState
from sqlalchemy.exc import IntegrityError

from hpo.storage import Database, End, add_trials, end_trials, extend_trials

SPACE = {
    "eta": FloatDistribution(1e-5, 1, log=True),
    "units": IntDistribution(1, 9),
    "init": CategoricalDistribution(("he", None)),
}
TRIALS = [
    optuna.create_trial(
        state=TrialState.RUNNING,
        params={"eta": 0.1 / (number + 1), "units": number + 1, "init": [None, "he"][number % 2]},
        distributions=SPACE,
        user_attrs={"stage": "wide", "cohort": number, "nested": {"a": [1.5, None]}},
        constraints={"stable": 0.0},
    )
    for number in range(3)
]
VALUES = {1: 0.5, 2: math.inf, 3: -math.inf, 4: math.nan}


def _shown(study: optuna.Study) -> list[str]:
    hidden = {"trial_id", "datetime_start", "datetime_complete"}
    return [str({key: value for key, value in _fields(trial).items() if key not in hidden}) for trial in study.trials]


def _fields(trial: FrozenTrial) -> dict[str, object]:
    return {name.lstrip("_"): value for name, value in vars(trial).items()}


def test_bulk_writes_what_optuna_writes(either: Database) -> None:
    """Number for number the trials read back equal, started after one that is there already."""
    ours, theirs = (optuna.create_study(storage=either, study_name=name) for name in ("ours", "theirs"))
    for trial in TRIALS:
        theirs.add_trial(trial)
    ours.add_trial(TRIALS[0])
    with either.alone(ours._study_id):
        added = add_trials(either, ours._study_id, 1, TRIALS[1:])
    assert _shown(ours) == _shown(theirs)
    assert [trial.datetime_start for trial in ours.trials] == [trial.datetime_start for trial in TRIALS]
    assert list(map(_fields, added)) == list(map(_fields, ours.trials[1:]))
    for trial in theirs.trials:
        for step, value in VALUES.items():
            either.set_trial_intermediate_value(trial._trial_id, step, value)
        either.set_trial_user_attr(trial._trial_id, "curve", [0.25, "x"])
    identifiers = [trial._trial_id for trial in ours.trials]
    extend_trials(either, dict.fromkeys(identifiers, VALUES), {each: {"curve": [0.25, "x"]} for each in identifiers})
    assert _shown(ours) == _shown(theirs)
    ends = [End(TrialState.COMPLETE, [math.inf]), End(TrialState.PRUNED, None), End(TrialState.PRUNED, [-0.5])]
    for trial, end in zip(theirs.trials, ends, strict=True):
        either.set_trial_state_values(trial._trial_id, *end)
    end_trials(either, dict(zip(identifiers, ends, strict=True)))
    assert _shown(ours) == _shown(theirs)
    assert ours.ask().number == len(TRIALS)


def test_nothing_is_nothing(database: Database) -> None:
    """No trials and no values are no statements that a database could stumble over."""
    study = optuna.create_study(storage=database)
    with database.alone(study._study_id):
        add_trials(database, study._study_id, 0, [])
    extend_trials(database, {}, {})
    end_trials(database, {})
    assert study.trials == []


def test_what_is_there_stays(either: Database) -> None:
    """A trial that has ended takes nothing, and a value that is there is not replaced; what came with them is not written."""
    study = optuna.create_study(storage=either)
    for trial in TRIALS[:2]:
        study.add_trial(trial)
    done, open_ = (trial._trial_id for trial in study.trials)
    either.set_trial_state_values(done, TrialState.COMPLETE, [1.0])
    with pytest.raises(UpdateFinishedTrialError):
        extend_trials(either, {open_: VALUES, done: VALUES}, {})
    with pytest.raises(UpdateFinishedTrialError):
        end_trials(either, {open_: End(TrialState.FAIL, None), done: End(TrialState.FAIL, None)})
    extend_trials(either, {open_: {1: 0.5}}, {})
    with pytest.raises(IntegrityError):
        extend_trials(either, {open_: {2: 0.5, 1: 0.75}}, {})
    assert [trial.intermediate_values for trial in study.trials] == [{}, {1: 0.5}]
    assert [trial.state for trial in study.trials] == [TrialState.COMPLETE, TrialState.RUNNING]
