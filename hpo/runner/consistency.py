"""Whether the studies of a storage are consistent: what a run leaves behind, however it ended."""

from collections.abc import Iterator
from typing import NamedTuple

from optuna.exceptions import StorageInternalError
from optuna.trial import FrozenTrial, TrialState

from ..attributes import cohort_of, outcome_of
from ..errors import HpoError, UsageError, study_command
from ..storage import Database, Leases, explained
from .creating import load, names
from .enqueuing import of_others
from .stored import StoredStudy
from .tally import left_alone


class Remark(NamedTuple):
    """Something about a study."""

    study: str
    text: str
    fault: bool
    """Else it is as it should be, and good to know."""


def remarks(database: Database) -> Iterator[Remark]:
    """Faults of all studies, and what there is to do for them."""
    for name in sorted(names(database)):
        try:
            with explained(database.address):
                database.get_all_trials(database.get_study_id_from_name(name), deepcopy=False)
            yield from _of_study(load(database, name))
        except UsageError as error:
            yield Remark(name, str(error), fault=type(error) is not UsageError)
        except (HpoError, StorageInternalError, ValueError, LookupError, TypeError, AttributeError) as error:
            kind = "" if isinstance(error, HpoError) else f"{type(error).__name__}: "
            yield Remark(name, f"cannot be read: {kind}{error}", fault=True)


def _of_study(study: StoredStudy) -> Iterator[Remark]:
    with explained(study.database.address):
        trials = study.optuna.get_trials(deepcopy=False)
        working = Leases(study.database, study.identifier).of_others()
    if [trial.number for trial in trials] != list(range(len(trials))):
        yield Remark(study.name, "its trials are not numbered from 0 without a gap", fault=True)
    now = study.now()
    own = now.with_evidence()
    if count := of_others(now):
        yield Remark(study.name, left_alone(count), fault=False)
    for trial in own:
        if trial.state.is_finished() and outcome_of(trial) is None:
            yield Remark(study.name, f"trial {trial.number} has ended without an outcome", fault=True)
    yield from (Remark(study.name, f"process {lease.process} on {lease.host} works on it", False) for lease in working.values())
    left = [trial for trial in own if _open(trial) and cohort_of(trial) not in working]
    if left:
        way_out = study_command("run", study.name)
        yield Remark(study.name, f"{len(left)} open trials of a run that was cut off: {way_out}", fault=False)


def _open(trial: FrozenTrial) -> bool:
    return trial.state == TrialState.RUNNING
