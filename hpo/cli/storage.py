"""`hpo storage`: looking after the database that studies are kept in."""

from pathlib import Path
from typing import Annotated

import typer

from ..errors import StorageError
from . import options
from .figures import counted
from .output import say, tell, write_json

group = typer.Typer(help="Check, copy and upgrade the database in which studies are kept.", no_args_is_help=True)

Output = Annotated[
    Path | None, typer.Option("--output", "-o", metavar="FILE", help="Where to.", show_default="beside it, named after the time")
]


@group.command()
def check(storage: options.Storage = options.DEFAULT_STORAGE, as_json: options.Json = False) -> None:
    """Check that the database is sound and its studies are consistent. Fails when they are not."""
    from ..runner import consistency, names
    from ..storage import RESCUE, connect, explained, soundness

    database = connect(storage, "read")
    with explained(database.address):
        broken = list(soundness.faults(database))
    found = list(consistency.remarks(database))
    count = len(broken) + sum(remark.fault for remark in found)
    if as_json:
        write_json({"good": not count, "faults": broken, "studies": [remark._asdict() for remark in found]})
    else:
        tell(*broken, *(f"{remark.study}: {remark.text}" for remark in found))
    if count:
        raise StorageError(f"storage {database.address} has {counted(count, 'fault')}: {RESCUE}")
    say(f"{database.address} is sound; studies: {len(names(database))}")


@group.command()
def backup(storage: options.Storage = options.DEFAULT_STORAGE, output: Output = None) -> None:
    """Copy an SQLite database while runs go on, whole or not at all. Trained networks and checkpoints are files beside it."""
    from ..storage import keeping

    say(f"wrote {keeping.backup(storage, output)}")


@group.command()
def upgrade(storage: options.Storage = options.DEFAULT_STORAGE) -> None:
    """Bring the database of an older Optuna up to date, after a backup."""
    from ..storage import keeping

    before, after, kept = keeping.upgrade(storage)
    say(
        f"up to date: {after}"
        if before == after
        else f"upgraded from {before} to {after}" + (f"; before: {kept}" if kept else "")
    )
