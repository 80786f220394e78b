"""`hpo plot`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ..errors import UsageError, choices, unknown
from . import options
from .output import say

if TYPE_CHECKING:
    from optuna import Study

    from ..plots.kind import Request

KINDS = (
    "budget", "confusion", "contour", "curves", "distribution", "history", "importance", "learning-rate", "overview", "parallel",
    "rank", "slice", "stages", "templates",
)  # fmt: skip
"""As in hpo.plots.registry, which takes too long to import for a help text; a test compares them."""
SUFFIXES = (".png", ".svg", ".pdf")

Kind = Annotated[str, typer.Argument(metavar="KIND", help=f"One of {choices(KINDS)}.", show_default=False)]
Output = Annotated[
    Path, typer.Option("--output", "-o", metavar="FILE", help=f"Where to: a file that ends in {choices(SUFFIXES)}.")
]
Parameter = Annotated[
    list[str] | None,
    typer.Option(
        "--parameter", "-p", metavar="P", help="A parameter to look at. Repeatable.", show_default="the most important ones"
    ),
]
Metric = Annotated[
    str | None,
    typer.Option(
        metavar="M", help="An objective, or for curves any metric that was reported.", show_default="the first objective"
    ),
]
Colour = Annotated[
    str | None,
    typer.Option(metavar="P", help="For curves: the parameter that colours them.", show_default="the most important one"),
]


Estimators = Annotated[
    bool, typer.Option("--estimators", help="For importance: compare PED-ANOVA, fANOVA and mean decrease impurity instead.")
]


def plot(
    kind: Kind,
    study: options.AnyStudy,
    output: Output,
    storage: options.Storage = options.DEFAULT_STORAGE,
    parameter: Parameter = None,
    metric: Metric = None,
    colour: Colour = None,
    estimators: Estimators = False,
) -> None:
    """Draw a study into a file."""
    if kind not in KINDS:
        raise UsageError(unknown("kind of plot", kind, KINDS))
    if output.suffix.lower() not in SUFFIXES:
        raise UsageError(f"a plot is a file that ends in {choices(SUFFIXES)}, got '{output}'")
    from .files import write_file
    from .study.explaining import any_study

    found = any_study(study, storage)
    content, caption = _drawn(kind, found, output.suffix.lower(), _request(found, parameter, metric, colour, estimators))
    write_file(output, content)
    say(f"wrote {output}: {caption.replace(chr(0xA0), chr(0x20))}")


def _drawn(kind: str, study: "Study", suffix: str, request: "Request") -> tuple[bytes, str]:
    from ..analysis.table import Unanswered
    from ..plots import style
    from ..plots.registry import picture
    from ..report import tables

    with style.styled():
        drawn = picture(kind, tables(study), request, title=study.study_name)
        if isinstance(drawn, Unanswered):
            raise UsageError(f"there is no plot '{kind}' of study '{study.study_name}': {drawn.reason}")
        return style.rendered(drawn.figure, suffix), drawn.caption


def _request(
    study: "Study", parameters: "list[str] | None", metric: str | None, colour: str | None, estimators: bool
) -> "Request":
    from ..analysis.tested import last_look
    from ..plots.kind import Request
    from ..report import wanted

    return Request(tuple(parameters or ()), metric, colour, estimators, wanted(study), last_look(study))
