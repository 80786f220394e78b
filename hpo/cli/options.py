"""Options that several commands share."""

from collections.abc import Sequence
from typing import Annotated, TypeVar

import typer

from ..errors import UsageError
from .where import DEFAULT_STORAGE as DEFAULT_STORAGE
from .where import storage_meant

STUDY_PANEL = "Study"
"""Heading, in the help, over the options that are part of a study."""

Study = Annotated[
    str, typer.Argument(help="A built-in study's name, a stored study's name, or the path of a study file.", metavar="STUDY")
]
Stored = Annotated[str, typer.Argument(help="A stored study's name.", metavar="STUDY")]
AnyStudy = Annotated[
    str, typer.Argument(help="A stored study's name; any Optuna study will do.", metavar="STUDY", show_default=False)
]
Storage = Annotated[
    str,
    typer.Option(
        envvar="HPO_STORAGE",
        metavar="URL",
        help="Database in which studies are kept; without it, the URL in the file HPO_STORAGE_FILE.",
        rich_help_panel=STUDY_PANEL,
        callback=storage_meant,
    ),
]
Name = Annotated[
    str | None,
    typer.Option(
        metavar="N",
        help="The stored study's name.",
        show_default="the built-in's name, or the file's without .toml",
        rich_help_panel=STUDY_PANEL,
    ),
]
Data = Annotated[
    str | None,
    typer.Option(
        metavar="D",
        help="Other images: a named data set, or a folder or zip of <split>/<class>/<image>.",
        show_default="those of the study file",
        rich_help_panel=STUDY_PANEL,
    ),
]
Seed = Annotated[
    int | None,
    typer.Option(
        min=0,
        metavar="N",
        help="Seed of everything that is random.",
        show_default="that of the study file",
        rich_help_panel=STUDY_PANEL,
    ),
]
Set = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="KEY=VALUE",
        help="A key of the study file, such as training.epochs=5 or stage.wide.trials=4. Repeatable.",
        rich_help_panel=STUDY_PANEL,
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON, as docs/cli.md describes it.")]

T = TypeVar("T")


def once(option: str, given: Sequence[T] | None) -> T | None:
    """The value of an option that is given once at the most. Raises UsageError for two."""
    if given and len(given) > 1:
        raise UsageError(f"{option} must be given once, got {' and '.join(map(str, given))}: leave one of them out")
    return given[0] if given else None
