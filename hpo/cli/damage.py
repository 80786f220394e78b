"""Whether it is the storage that a command has failed over: then a sentence says so. Anything else keeps its traceback."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import chain
from typing import TYPE_CHECKING, Any

from typer.exceptions import TyperException

from ..errors import HpoError, NotFound, StorageError
from .where import MEANT

if TYPE_CHECKING:
    from ..storage import Database

_TOLD_ELSEWHERE = (HpoError, TyperException, OSError, MemoryError, RuntimeError)
"""Errors that have a meaning of their own."""


@contextmanager
def explained_damage(meta: Mapping[str, Any]) -> Iterator[None]:
    """Any other error that is raised inside is explained where the storage that the command was given is at the bottom of it.

    Raises StorageError where it is damaged or cannot be used, NotFound where a study was deleted meanwhile.
    """
    try:
        yield
    except _TOLD_ELSEWHERE:
        raise
    except Exception as error:
        found = _found(meta[MEANT], error) if MEANT in meta else None
        if found is None:
            raise
        raise found from error


def _found(url: str, error: Exception) -> HpoError | None:
    """What a database has said, what it holds that nobody can read, or what it holds no longer."""
    from optuna.storages._rdb.models import NOT_FOUND_MSG

    from ..storage import DATABASE_ERRORS, check, connect, explained

    try:
        address = check(url, "read")
        with explained(address):
            if isinstance(error, DATABASE_ERRORS):
                raise error
        check_sound(connect(url, "read"))
    except StorageError as found:
        return found
    except HpoError:  # There is no storage, so that it is not at the bottom of anything.
        return None
    if isinstance(error, KeyError) and error.args == (NOT_FOUND_MSG,):
        return NotFound(f"a study of {address} was deleted while it was in use: `hpo study list` shows those that are there")
    return None


def check_sound(database: "Database") -> None:
    """Raise StorageError for the first fault of a storage, or of a study in it."""
    from ..runner import consistency
    from ..storage import RESCUE, explained, soundness

    with explained(database.address):
        of_studies = (f"{remark.study}: {remark.text}" for remark in consistency.remarks(database) if remark.fault)
        try:
            fault = next(chain(soundness.faults(database), of_studies), None)
        except UnicodeDecodeError as error:
            fault = f"text in it is none: {error}"
    if fault is not None:
        raise StorageError(f"storage {database.address} is damaged, {fault}: {RESCUE}")
