"""`hpo study delete`."""

import sys
from typing import Annotated

import typer

from ...errors import UsageError
from .. import options
from ..artifacts import artifact_folder
from ..figures import counted
from ..output import clean_line, say
from .asked import stored_study

Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]


def delete(study: options.Stored, storage: options.Storage = options.DEFAULT_STORAGE, yes: Yes = False) -> None:
    """Delete a study, all its trials and its files."""
    from ... import runner

    stored = stored_study(study, storage, write=True)
    what = f"study '{stored.name}' with {counted(stored.now().there, 'trial')}"
    if not yes:
        _confirm(what)
    from ...report import forget

    forget(stored.optuna, artifact_folder(stored.database))
    runner.delete(stored.database, stored.name)
    say(f"deleted {what}")


def _confirm(what: str) -> None:
    if not sys.stdin.isatty():
        raise UsageError(f"deleting asks first, and there is no terminal to ask on: add --yes to delete {what}")
    typer.confirm(clean_line(f"Delete {what} for good?"), abort=True, err=True)
