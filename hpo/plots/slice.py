"""Kind `slice`: the objective along one parameter after the other, with its mean and interval."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..analysis.effects import Level, MainEffect, main_effect
from ..analysis.points import Points, points
from ..analysis.table import Column, Table, Unanswered
from .kind import Layout, Request, chosen, objective
from .marks import mark, rows_of
from .palette import INK, ORANGE
from .scales import along, beyond, metric_axis, onto, robust, room, spread_out
from .units import shown
from .words import sentences, who

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST = 6
FEWEST = 3
NARROWEST = 0.08
"""Share of the width that a bar takes at the least: twelve levels fit beside each other."""
EDGE = 0.05
"""Share of the height between the edge and each row of trials without a value."""


class Numbers(NamedTuple):
    """Trials, and the mean along each parameter."""

    points: Points
    effects: tuple[MainEffect | Unanswered, ...]


def compute(table: Table, request: Request) -> Numbers | Unanswered:
    """The points and main effects of the parameters that are asked for, else of the most important ones."""
    place = objective(table, request)
    names = chosen(table, request, MOST)
    found = points(table, names, place) if names else Unanswered("no parameter was varied")
    if isinstance(found, Unanswered):
        return found
    if np.isnan(found.values).all():
        return Unanswered("no trial has completed")
    return Numbers(found, tuple(main_effect(table, column.name, place) for column in found.columns))


def draw(axes: Sequence["Axes"], numbers: Numbers) -> None:
    """A panel for each parameter, all with the same height."""
    limits = robust(shown(numbers.points.metric, numbers.points.values))
    for place, (plot, column, effect) in enumerate(zip(axes, numbers.points.columns, numbers.effects, strict=True)):
        _draw_points(plot, numbers.points, column, limits)
        _draw_effect(plot, _told(effect), column, numbers.points.metric)
        along(plot, "x", column, 4 if len(axes) > 1 else 7)
        metric_axis(plot, "y", numbers.points.metric, limits)
        if place % _width(numbers):
            plot.set_ylabel("")


def _draw_points(plot: "Axes", found: Points, column: Column, limits: tuple[float, float] | None) -> None:
    for outcome, rows in rows_of(found.outcomes).items():
        values = onto(shown(found.metric, found.values[rows]), limits)
        x = spread_out(column, column.values[rows], found.numbers[rows])
        if outcome == "completed":
            mark(plot, x, values, found.numbers[rows], outcome, clip_on=False)
        else:
            row = {"pruned": 0.0, "diverged": EDGE, "error": 2 * EDGE}[outcome]
            height = row if found.maximise else 1.0 - row
            shape: dict[str, Any] = {"marker": "|", "linewidths": 1.0} if outcome == "pruned" else {}
            shape |= {"transform": plot.get_xaxis_transform(), "clip_on": False}
            mark(plot, x, np.full(len(x), height), found.numbers[rows], outcome, **shape)


def _draw_effect(plot: "Axes", levels: Sequence[Level], column: Column, metric: str) -> None:
    for level in levels:
        mean, low, high = shown(metric, np.array([level.mean, *level.interval]))
        start, end = _ends(level.low, level.high, column)
        if np.isfinite(low):
            plot.fill_between([start, end], low, high, color=ORANGE, alpha=0.3, linewidth=0, zorder=2)
        plot.plot([start, end], [mean, mean], color=INK, linewidth=2.0, zorder=4)


def _told(effect: MainEffect | Unanswered) -> list[Level]:
    """Levels of which a mean says more than its trials do."""
    return [] if isinstance(effect, Unanswered) else [level for level in effect.levels if level.trials >= FEWEST]


def _ends(low: float, high: float, column: Column) -> tuple[float, float]:
    """At least a little wide, so that a level of one value shows."""
    if room(column):
        return low - 0.6 * room(column), high + 0.6 * room(column)
    start, end = column.scale(np.array([low, high]))
    whole = np.ptp(column.scale(np.array([column.low, column.high])))
    extra = max(0.0, NARROWEST * whole - (end - start)) / 2
    left, right = column.unscale(np.array([start - extra, end + extra]))
    return float(left), float(right)


def caption(numbers: Numbers) -> str:
    """The trials, what the lines are, and what stands at the edge."""
    found = numbers.points
    outside = beyond(shown(found.metric, found.values), robust(shown(found.metric, found.values)))
    edge = "lower" if found.maximise else "upper"
    names = [name for name in ("pruned", "diverged", "error") if (found.outcomes == name).any()]
    return sentences(
        who(found),
        "lines: mean of the completed, with its 95 % interval" if any(map(_told, numbers.effects)) else None,
        f"along the {edge} edge, without a final value: {' and '.join(names)}" if names else None,
        f"{outside:,} far out are drawn at the edge" if outside else None,
    )


def _width(numbers: Numbers) -> int:
    count = len(numbers.points.columns)
    return count if count < 4 else 2 if count == 4 else 3


def layout(numbers: Numbers) -> Layout:
    """Up to three panels beside each other."""
    letters, width = "ABCDEF"[: len(numbers.points.columns)], _width(numbers)
    rows = tuple(letters[start : start + width].ljust(width, ".") for start in range(0, len(letters), width))
    return Layout(rows, 1.0 + 2.8 * len(rows))
