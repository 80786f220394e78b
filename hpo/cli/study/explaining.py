"""Studies of anybody's, to be explained."""

from contextlib import suppress
from typing import TYPE_CHECKING

from ...attributes import SPEC
from ...errors import NotFound
from ..artifacts import artifact_folder
from ..output import say
from ..where import usual_storage
from .answered import keep
from .asked import stem, stored_study

if TYPE_CHECKING:
    from optuna import Study

    from ...runner import StoredStudy


def any_study(study: str, storage: str) -> "Study":
    """A stored study by its name, whether hpo made it or not. Raises NotFound with the nearest names."""
    import optuna

    from ...storage import connect, explained

    database = connect(storage, "read")
    with explained(database.address):
        for name in dict.fromkeys((study, stem(study))):
            with suppress(KeyError):
                # The sampler is never asked.
                return optuna.load_study(study_name=name, storage=database, sampler=optuna.samplers.RandomSampler(0))
    raise _unknown(study, storage)


def own_or_any(study: str, storage: str) -> "StoredStudy | Study":
    """A study of hpo's, with its study file; else the Optuna study of that name. Raises NotFound with the nearest names."""
    found = any_study(study, storage)
    return stored_study(study, storage) if SPEC in found.user_attrs else found


def _unknown(study: str, storage: str) -> Exception:
    """The error of a name that is not there, in the words of all other commands."""
    try:
        stored_study(study, storage)
    except NotFound as error:
        return error
    return NotFound(f"no study '{study}': it was deleted just now")


def named_storage(storage: str) -> str | None:
    """The storage as commands must name it, its password hidden; None where it is the one that is used anyway."""
    from ...storage import hidden

    return None if storage == usual_storage() else hidden(storage)


def leave(stored: "StoredStudy", storage: str) -> tuple[str, ...]:
    """Leave note, figures and report in the study, for the dashboard.

    Gives the answer; nothing, after a message, when there is no place for the report: the trials are safe without it.
    """
    from ... import report
    from ...errors import HpoError
    from ...storage import explained

    try:
        with explained(stored.database.address):
            folder = artifact_folder(stored.database)
            found = report.leave(stored.optuna, folder, named_storage(storage), stored.database.transaction)
            said = report.spoken(found, named_storage(storage))
            keep(stored, said)
    except (HpoError, OSError) as error:
        with explained(stored.database.address):
            stored.database.census(stored.identifier)  # It raises where they are not.
        say(f"warning: the trials are stored, but no report could be left beside them: {error}")
        return ()
    return said
