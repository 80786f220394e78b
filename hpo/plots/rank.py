"""Kind `rank`: trials over every pair of parameters, coloured by how they rank."""

from collections.abc import Sequence
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from ..analysis.points import Points, points
from ..analysis.table import Table, Unanswered
from .kind import Layout, Request, chosen, objective
from .marks import mark, rows_of
from .palette import GREY, INK, objective_map
from .scales import along, spread_out
from .words import among, sentences, who

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST = 4


def compute(table: Table, request: Request) -> Points | Unanswered:
    """The trials over the parameters that are asked for, else over the most important ones."""
    names = chosen(table, request, MOST)
    if len(names) < 2:
        return Unanswered("ranks over pairs need two parameters that were varied")
    found = points(table, names, objective(table, request))
    if isinstance(found, Points) and np.isnan(found.ranks).all():
        return Unanswered("no trial has completed")
    return found


def draw(axes: Sequence["Axes"], numbers: Points) -> None:
    """A panel for each pair, in columns of equal horizontal and rows of equal upright parameter."""
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import Normalize

    last = len(numbers.columns) - 1
    for plot, (across, up) in zip(axes, _pairs(numbers), strict=True):
        _draw_pair(plot, numbers, across, up)
        along(plot, "x", numbers.columns[across], 7 if last == 1 else 4)
        along(plot, "y", numbers.columns[up], 5)
        if up < last:
            plot.set_xlabel("")
            plot.tick_params(labelbottom=False)
        if across > 0:
            plot.set_ylabel("")
            plot.tick_params(labelleft=False)
    # The colours of ranks: light is best, as in every other plot.
    bar = axes[0].figure.colorbar(ScalarMappable(Normalize(0, 100), objective_map(False)), ax=list(axes), shrink=0.7, pad=0.02)
    bar.set_label("completed trials that are better (%)")
    bar.ax.invert_yaxis()


def _pairs(numbers: Points) -> list[tuple[int, int]]:
    """By row, then by column, as `layout` has its letters."""
    return sorted(combinations(range(len(numbers.columns)), 2), key=lambda pair: (pair[1], pair[0]))


def _draw_pair(plot: "Axes", numbers: Points, across: int, up: int) -> None:
    first, second = numbers.columns[across], numbers.columns[up]
    if np.isnan(first.values + second.values).all():
        plot.text(0.5, 0.5, "no trial has both", transform=plot.transAxes, ha="center", va="center", color=GREY, fontsize=9)
    for outcome, rows in rows_of(numbers.outcomes).items():
        x, y = (
            spread_out(column, column.values[rows], numbers.numbers[rows] * factor)
            for column, factor in ((first, 1), (second, 7))
        )
        order = np.argsort(-numbers.ranks[rows], kind="stable")  # the best on top
        style = {}
        if outcome == "completed":
            shares = 100 * numbers.ranks[rows][order]
            style = {"c": shares, "cmap": objective_map(False), "vmin": 0, "vmax": 100, "edgecolors": INK, "linewidths": 0.4}
        mark(plot, x[order], y[order], numbers.numbers[rows][order], outcome, **style)


def title(numbers: Points, metric: str) -> str:
    """The question that the picture answers."""
    return f"Where over {among(numbers.columns)} do the trials with the best {metric} lie?"


def caption(numbers: Points) -> str:
    """The trials, and what the marks without a rank are."""
    names = [name for name in ("pruned", "diverged", "error") if (numbers.outcomes == name).any()]
    marks = {"pruned": "grey dots", "diverged": "crosses", "error": "plus signs"}
    return sentences(who(numbers), f"without a rank: {', '.join(f'{name} ({marks[name]})' for name in names)}" if names else None)


def layout(numbers: Points) -> Layout:
    """The lower triangle of all pairs."""
    count, letters = len(numbers.columns) - 1, iter("ABCDEF")
    rows = tuple("".join(next(letters) for _ in range(row + 1)).ljust(count, ".") for row in range(count))
    return Layout(rows, {1: 4.4, 2: 5.6, 3: 7.0}[count])
