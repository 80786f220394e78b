"""Kind `parallel`: each trial as a line through all of its settings, coloured by its value."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..analysis.points import Points, points
from ..analysis.sampling import some
from ..analysis.table import Column, Floats, Integers, Table, Unanswered
from .colouring import Colouring, colours, key
from .kind import Request, chosen, objective, single
from .marks import link
from .palette import GREY, INK, PALE, VERMILION, objective_map
from .scales import linear_ticks, log_ticks, robust, tick_label
from .units import axis_label, label, labels, shown
from .words import sentences, who

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST = 8
MOST_LINES = 250
BEST = 10
"""Trials drawn on top, thicker."""


class Numbers(NamedTuple):
    """Trials, and the rows of those that are drawn."""

    points: Points
    completed: Integers
    """Worst first."""
    diverged: Integers


def compute(table: Table, request: Request) -> Numbers | Unanswered:
    """The completed and the diverged trials over the parameters that are asked for, else over the most important ones."""
    names = chosen(table, request, MOST)
    if len(names) < 2:
        return Unanswered("lines through the settings need two parameters that were varied")
    found = points(table, names, objective(table, request))
    if isinstance(found, Unanswered):
        return found
    if np.isnan(found.values).all():
        return Unanswered("no trial has completed")
    order = np.argsort(-found.ranks, kind="stable")[: int(np.isfinite(found.ranks).sum())]
    best, rest = order[-BEST:], some(order[:-BEST], MOST_LINES - BEST, table.seed, "parallel completed")
    diverged = some(np.flatnonzero(found.outcomes == "diverged"), MOST_LINES // 4, table.seed, "parallel diverged")
    rest = rest[np.argsort(-found.ranks[rest], kind="stable")]
    return Numbers(found, np.concatenate([rest, best]), diverged)


def draw(axes: Sequence["Axes"], numbers: Numbers) -> None:
    """An upright axis for each parameter; lines from left to right, the best on top."""
    (plot,) = axes
    found = numbers.points
    heights = np.column_stack([_height(column, found.numbers) for column in found.columns])
    _draw_lines(plot, heights[numbers.diverged], found.numbers[numbers.diverged], VERMILION, 0.8, 0.5)
    colouring = _colouring(found)
    widths = np.where(np.arange(len(numbers.completed)) >= len(numbers.completed) - BEST, 2.2, 0.9)
    shades = colours(colouring, list(numbers.completed))
    _draw_lines(plot, heights[numbers.completed], found.numbers[numbers.completed], shades, widths, 0.85)
    _draw_axes(plot, found.columns)
    key(plot, colouring)
    if len(numbers.diverged):
        plot.plot([], [], color=VERMILION, label="diverged")
        plot.legend(loc="lower left", bbox_to_anchor=(0.0, 1.0))


def _colouring(found: Points) -> Colouring:
    limits = robust(shown(found.metric, found.values)) or (0.0, 1.0)
    return Colouring(axis_label(found.metric), shown(found.metric, found.values), *limits, colours=objective_map(found.maximise))


def _height(column: Column, numbers: Integers) -> Floats:
    """Place on an axis of height 1. Choices have theirs one above the other, with a little room for each trial."""
    if column.choices is not None:
        apart = 0.35 * ((numbers * 0.6180339887) % 1.0 - 0.5)
        return np.asarray((column.values + apart + 0.5) / len(column.choices))
    low, high = column.scale(np.array([column.low, column.high]))
    return np.asarray((column.scaled - low) / (high - low)) if high > low else np.full(len(numbers), 0.5)


def _draw_lines(
    plot: "Axes", heights: Floats, numbers: Integers, colour: str | list[str], widths: float | Floats, alpha: float
) -> None:
    from matplotlib.collections import LineCollection

    across = np.arange(heights.shape[1])
    paths = [np.column_stack([across, line]) for line in heights]
    drawn = LineCollection(paths, colors=colour, linewidths=widths, alpha=alpha, zorder=2)
    drawn.set_urls([link(int(number)) for number in numbers])
    plot.add_collection(drawn)


def _draw_axes(plot: "Axes", columns: Sequence[Column]) -> None:
    plot.set_xlim(-0.15, len(columns) - 1 + 0.45)
    plot.set_ylim(-0.03, 1.03)
    plot.set_xticks(range(len(columns)), [label(column.name, 16) for column in columns])
    plot.tick_params(axis="x", length=0)
    if len(columns) > 5:
        plot.tick_params(axis="x", rotation=20)
    plot.yaxis.set_visible(False)
    plot.grid(visible=False)
    for side in ("left", "bottom"):
        plot.spines[side].set_visible(False)
    for place, column in enumerate(columns):
        plot.axvline(place, color=GREY, linewidth=1.0, zorder=1)
        for height, text in _ticks(column):
            # To the left alone: a mark that ran up to its number would look like a minus sign.
            plot.plot([place - 0.02, place], [height, height], color=GREY, linewidth=1.0, zorder=1)
            plot.annotate(
                text, (place, height), xytext=(5, 0), textcoords="offset points", fontsize=9, va="center", color=INK, zorder=4,
                bbox={"boxstyle": "square,pad=0.05", "facecolor": "white", "edgecolor": PALE, "alpha": 0.75, "linewidth": 0.3},
            )  # fmt: skip


def _ticks(column: Column) -> list[tuple[float, str]]:
    if column.choices is not None:
        return [((place + 0.5) / len(column.choices), name) for place, name in enumerate(labels(column.names, 10))]
    low, high = column.scale(np.array([column.low, column.high]))
    if high <= low:
        return [(0.5, tick_label(column.low))]
    ticks = log_ticks(column.low, column.high) if column.log else linear_ticks(column)
    return [
        (float((place - low) / (high - low)), tick_label(tick))
        for tick, place in zip(ticks, column.scale(np.array(ticks)), strict=True)
    ]


def caption(numbers: Numbers) -> str:
    """The trials, and which of them are drawn."""
    completed, diverged = (int((numbers.points.outcomes == name).sum()) for name in ("completed", "diverged"))
    drawn = [
        f"{len(rows):,} of {all_of:,} {name}"
        for rows, all_of, name in ((numbers.completed, completed, "completed"), (numbers.diverged, diverged, "diverged"))
        if len(rows) < all_of
    ]
    others = sorted({str(name) for name in numbers.points.outcomes} - {"completed", "diverged"})
    return sentences(
        who(numbers.points),
        f"drawn: {' and '.join(drawn)}, at random but for the best {BEST}" if drawn else None,
        f"the best {min(BEST, len(numbers.completed))} are thicker" if completed > 1 else None,
        f"left out: {' and '.join(others)}" if others else None,
    )


layout = single(4.6)
