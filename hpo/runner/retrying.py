"""Trials that ended in an error, to be trained again under their own numbers, as if they had just been asked."""

from typing import NamedTuple

from optuna.trial import FrozenTrial

from ..attributes import AT_CHANCE, CURVES, DIVERGENCE, ERROR, OUTCOME, POINTS, SECONDS, outcome_of
from ..storage import Leases, explained, identifier_of, reopen_trials
from .stored import StoredStudy

TOLD = frozenset({OUTCOME, ERROR, DIVERGENCE, AT_CHANCE, SECONDS, CURVES, POINTS})
"""What a trial has from when it was told; curves with numbers after a colon."""


class Reopened(NamedTuple):
    """A study after that."""

    study: StoredStudy
    """Read anew, since what has ended is never looked at again."""
    trials: tuple[int, ...]
    """Numbers of the trials that are open again: the next run finishes them first."""


def in_error(study: StoredStudy) -> list[FrozenTrial]:
    """The study's trials that ended in an error, evidence among them."""
    return [trial for trial in study.now().with_evidence() if outcome_of(trial) == "error"]


def retry_errors(study: StoredStudy) -> Reopened:
    """Open the trials that ended in an error again, all or none. Seeds go by a trial's number: it is trained as at first.

    Raises StorageError.
    """
    with explained(study.database.address), Leases(study.database, study.identifier).alone():
        failed = in_error(study.anew())
        told = [key for trial in failed for key in trial.user_attrs if any(f"{key}:".startswith(f"{each}:") for each in TOLD)]
        reopen_trials(study.database, map(identifier_of, failed), set(study.ownership.stored(dict.fromkeys(told))))
    return Reopened(study.anew(), tuple(trial.number for trial in failed))
