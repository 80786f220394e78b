"""Kind `distribution`: how the drawn values of a parameter fall, as they are and on a logarithmic scale."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..analysis.spread import Spread, spread
from ..analysis.table import Table, Unanswered
from .kind import Layout, Request, chosen
from .palette import INK, SKY
from .scales import along, whole_numbers
from .words import among, counted, sentences

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST = 6


class Numbers(NamedTuple):
    """One parameter, value by value and in bins that are equally wide on a logarithmic scale."""

    values: Spread
    coarse: Spread | None
    """None unless the parameter is drawn on a logarithmic scale and takes single values."""
    boxed: bool
    """Whether stages have boxes."""


def compute(table: Table, request: Request) -> tuple[Numbers, ...] | Unanswered:
    """The spread of the parameters that are asked for, else of the most important ones."""
    found = [(spread(table, name), spread(table, name, coarse=True)) for name in chosen(table, request, MOST)]
    reason = next((one for one, _ in found if isinstance(one, Unanswered)), Unanswered("no parameter was varied"))
    boxed = any(table.boxes.values())
    return tuple(_both(one, two, boxed) for one, two in found if isinstance(one, Spread) and isinstance(two, Spread)) or reason


def _both(values: Spread, coarse: Spread, boxed: bool) -> Numbers:
    return Numbers(values, coarse if values.column.log and values.single else None, boxed)


def draw(axes: Sequence["Axes"], numbers: tuple[Numbers, ...]) -> None:
    """A row for each parameter: for one of single values on a logarithmic scale the values as they are, and their logarithms."""
    panels = iter(axes)
    for one in numbers:
        _draw(next(panels), one.values, log=one.values.column.log and one.coarse is None)
        if one.coarse is not None:
            _draw(next(panels), one.coarse, log=True)


def _draw(plot: "Axes", one: Spread, *, log: bool) -> None:
    """Trials per unit of the axis, so that areas are trials."""
    from dataclasses import replace

    column = replace(one.column, log=log)
    widths = np.diff(column.scale(one.edges)) if log or not one.single else np.ones(len(one.counts))
    plot.stairs(one.counts / widths, one.edges, fill=True, color=SKY, alpha=0.75, linewidth=0)
    if one.trials <= 200:
        plot.plot(one.column.values, np.zeros(one.trials), "|", color=INK, markersize=9, clip_on=False, zorder=4)
    plot.stairs(one.expected / widths, one.edges, color=INK, linewidth=1.3, baseline=None)
    along(plot, "x", column, 6)
    plot.set_ylim(0, 1.12 * max(float((one.counts / widths).max()), float((one.expected / widths).max())))
    plot.set_ylabel(_density(one, log))
    whole_numbers(plot, "y", 4)
    plot.tick_params(axis="y", labelsize=9)
    plot.grid(axis="x", visible=False)


def _density(one: Spread, log: bool) -> str:
    if log:
        return "trials per decade"
    return "trials" if one.single else "trials per unit"


def title(numbers: tuple[Numbers, ...], metric: str) -> str:
    """The question that the picture answers."""
    return f"Which values of {among([one.values.column for one in numbers])} were tried?"


def caption(numbers: tuple[Numbers, ...]) -> str:
    """The trials, and what the line is."""
    return sentences(
        f"{counted(max(one.values.trials for one in numbers))}, whatever became of them",
        f"line: as many as trials drawn at random from {_range(numbers)} would be",
        "right: the same trials by the logarithm of the value; drawn log-uniformly, they are level there, not at powers of two"
        if any(one.coarse for one in numbers)
        else None,
    )


def _range(numbers: tuple[Numbers, ...]) -> str:
    return "the boxes of their stages" if any(one.boxed for one in numbers) else "the whole range"


def layout(numbers: tuple[Numbers, ...]) -> Layout:
    """A row for each parameter."""
    letters = iter("ABCDEFGHIJKL")
    rows = []
    for one in numbers:
        left = next(letters)
        rows.append(left + (next(letters) if one.coarse else left))
    return Layout(tuple(rows), 1.0 + 1.9 * len(rows))
