"""`hpo study export`."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from .. import options
from ..output import SCHEMA, say, write
from .asked import stored_study
from .records import record

if TYPE_CHECKING:
    from ...runner import StoredStudy

Format = Annotated[
    Literal["toml", "json"],
    typer.Option("--format", help="toml: the study file; json: the study and all its trials with their curves."),
]
Output = Annotated[Path | None, typer.Option("--output", "-o", metavar="FILE", help="Where to.", show_default="stdout")]


def export(
    study: options.Stored, storage: options.Storage = options.DEFAULT_STORAGE, shape: Format = "toml", output: Output = None
) -> None:
    """Write a study's file, which runs the same study again anywhere, or all that is stored of it."""
    from ...spec import dump
    from ..files import write_file

    stored = stored_study(study, storage)
    text = dump(stored.spec).removesuffix("\n") if shape == "toml" else _whole(stored)
    if output is None:
        write(text)
    else:
        write_file(output, f"{text}\n")
        say(f"wrote {output}")


def _whole(stored: "StoredStudy") -> str:
    from ...runner import trial_table_hash
    from ...spec.reading import tree_of

    trials = [record(trial, curves=True) for trial in stored.trials()]
    study = {"name": stored.name, "spec": tree_of(stored.spec), "trial_table_hash": trial_table_hash(stored.optuna)}
    return json.dumps({"schema": SCHEMA, "study": study, "trials": trials}, indent=1, allow_nan=False)
