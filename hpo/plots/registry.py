"""The kinds of plot by name, and how one is drawn."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..analysis.table import Table, Unanswered
from ..errors import UsageError, unknown
from . import (
    budget,
    confusion,
    contour,
    curves,
    distribution,
    history,
    importance,
    learning_rate,
    overview,
    parallel,
    rank,
    slice,
    stages,
    templates,
)
from .kind import NARROW, Kind, Layout, Plot, Request, objective, stacked
from .style import new_figure
from .units import label, named

if TYPE_CHECKING:
    from matplotlib.figure import Figure

KINDS: Mapping[str, Kind] = {
    "overview": Kind("what to take, what is safe and what matters", overview),
    "importance": Kind("how much each parameter matters", importance),
    "contour": Kind("the objective over two parameters", contour),
    "slice": Kind("the objective along each parameter", slice),
    "curves": Kind("a metric while the networks train", curves),
    "history": Kind("the best value so far", history),
    "parallel": Kind("each trial as a line through its settings", parallel),
    "rank": Kind("ranks over each pair of parameters", rank),
    "stages": Kind("the narrowing boxes and their trials", stages),
    "budget": Kind("what each rung kept and dropped", budget),
    "distribution": Kind("how the drawn values fall", distribution),
    "learning-rate": Kind("the schedule of each network", learning_rate),
    "confusion": Kind("what the tested network takes for what", confusion),
    "templates": Kind("the tested linear network's weights", templates),
}


OF_OBJECTIVE = frozenset({"contour", "history", "importance", "learning-rate", "overview", "parallel", "rank", "slice"})
"""Kinds that show one of the objectives."""
OF_MODEL = frozenset({"contour", "importance", "overview", "slice"})
"""Kinds that show the model of the study, which knows the evidence after the search, too; others show the search."""
WIDEST_TITLE = 70
"""Letters to a line."""


class Drawn(NamedTuple):
    """A finished picture."""

    figure: "Figure"
    title: str
    """The question that it answers."""
    caption: str


def kind_of(name: str) -> Kind:
    """The kind of a name. Raises UsageError with the nearest one."""
    if name not in KINDS:
        raise UsageError(unknown("kind of plot", name, KINDS))
    return KINDS[name]


def picture(
    name: str,
    table: Table,
    request: Request = Request(),  # noqa: B008
    title: str | None = None,
    *,
    narrow: bool = False,
) -> Drawn | Unanswered:
    """Compute and draw a plot, within `style.styled()`; with a title, its caption stands below it, for a file of its own.

    narrow: for a page as wide as a telephone, its axes one above the other.
    Raises UsageError for a kind, a parameter or a metric that is not there.
    """
    with np.errstate(all="ignore"):  # values of 1e200 overflow in a variance
        return _picture(kind_of(name).plot, name, table, request, title, narrow)


def _picture(plot: Plot, name: str, table: Table, request: Request, title: str | None, narrow: bool) -> Drawn | Unanswered:
    numbers = plot.compute(table if name in OF_MODEL else table.search, request)
    more = f"; {request.more}" if request.more and name in OF_MODEL else ""
    if isinstance(numbers, Unanswered):
        return Unanswered(f"{numbers.reason}{more}")
    metric = named(table.metrics[objective(table, request)]) if name in OF_OBJECTIVE else ""
    question, layout, caption = plot.title(numbers, metric), plot.layout(numbers), plot.caption(numbers)
    caption = f"{caption.removesuffix('.')}{more}." if more else caption
    if metric and len(table.metrics) > 1:
        caption = f"{caption} The objective is {metric}, one of {len(table.metrics)}."
    if narrow:
        figure, axes = new_figure(stacked(layout), NARROW)
    else:
        figure, axes = new_figure(layout if title is None else Layout(layout.rows, layout.height + 0.8))
    plot.draw(axes, numbers)
    if title is not None:
        _frame(figure, question, f"Study {label(title, 60)}. {caption}")
    return Drawn(figure, question, caption)


def _frame(figure: "Figure", title: str, caption: str) -> None:
    from textwrap import fill

    from .palette import GREY

    figure.suptitle(fill(title, WIDEST_TITLE), x=0.01, ha="left")
    figure.supxlabel(fill(caption, 118), x=0.01, ha="left", fontsize=9, color=GREY)
