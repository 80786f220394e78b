"""The hash of a trial table."""

from collections.abc import Callable
from typing import Any

import optuna
import pytest

from hpo.runner import trial_table_hash

from ..fakes.studies import study_file, told

SPEC = study_file()
POINT = {"eta": 0.1, "momentum": 0.5}


def table(*trials: optuna.trial.FrozenTrial) -> str:
    """The hash of a study of these trials."""
    study = optuna.create_study(direction="maximize")
    study.add_trials(trials)
    return trial_table_hash(study)


def test_equal_tables_have_equal_hashes() -> None:
    """Times do not count, nor the order in which values were reported, nor the study's name."""
    earlier, later = told(SPEC, 0, POINT, values=[0.1, 0.2]), told(SPEC, 0, POINT, values=[0.1, 0.2])
    assert earlier.datetime_start != later.datetime_start
    later.intermediate_values = dict(reversed(later.intermediate_values.items()))
    assert table(earlier) == table(later)


CHANGES: dict[str, Callable[[], Any]] = {
    "another value": lambda: told(SPEC, 0, POINT, values=[0.1, 0.30000000000000004]),
    "another curve": lambda: told(SPEC, 0, POINT, values=[0.2, 0.3]),
    "another point": lambda: told(SPEC, 0, {**POINT, "eta": 0.2}, values=[0.1, 0.3]),
    "another stage": lambda: told(SPEC, 0, POINT, values=[0.1, 0.3], stage="narrow"),
    "another outcome": lambda: told(SPEC, 0, POINT, values=[0.1, 0.3], outcome="pruned"),
    "another reason": lambda: told(SPEC, 0, POINT, values=[0.1, 0.3], outcome="diverged"),
}


@pytest.mark.parametrize("change", list(CHANGES))
def test_any_difference_counts(change: str) -> None:
    """A difference in the last bit of one figure gives another hash, and so does one trial more."""
    trial = told(SPEC, 0, POINT, values=[0.1, 0.3])
    assert table(CHANGES[change]()) != table(trial)
    assert table(trial, trial) != table(trial)
