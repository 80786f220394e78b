"""`hpo doctor`."""

import typer

from . import options
from .output import say, write_json
from .table import Column, print_table


def doctor(storage: options.Storage = options.DEFAULT_STORAGE, as_json: options.Json = False) -> None:
    """Look at this machine: versions, processors, storage, images. Fails when something is broken."""
    from .health import every_check

    checks = list(every_check(storage))
    broken = [check for check in checks if not check.good]
    if as_json:
        write_json({"good": not broken, "checks": [check._asdict() for check in checks]})
    else:
        print_table([Column("what"), Column("found")], [[check.name, check.value] for check in checks])
    if broken:
        say(*(f"broken: {check.name}: {check.value}" for check in broken))
        raise typer.Exit(1)
