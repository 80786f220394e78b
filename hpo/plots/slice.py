"""Kind `slice`: the objective along one parameter after the other, with its mean and interval."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..analysis.effects import Level, MainEffect, main_effect
from ..analysis.points import Points, points
from ..analysis.table import Column, Table, Unanswered
from .kind import Layout, Request, chosen, objective
from .marks import outcome_legend
from .palette import INK, ORANGE
from .scales import along, metric_axis, room, spread_out
from .units import shown
from .valued import Upright, draw_trials, told, upright
from .words import among, sentences, who

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST = 6
FEWEST = 3
NARROWEST = 0.08
"""Share of the width that a bar takes at the least: twelve levels fit beside each other."""
MOST_GROUPS = 12
"""A parameter of more different values has no groups."""


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
    found, axis = numbers.points, _axis(numbers)
    for place, (plot, column, effect) in enumerate(zip(axes, found.columns, numbers.effects, strict=True)):
        draw_trials(plot, found, spread_out(column, column.values, found.numbers), axis)
        _draw_effect(plot, _told(effect), column, found.metric)
        along(plot, "x", column, 4 if len(axes) > 1 else 7)
        metric_axis(plot, "y", found.metric, axis.limits, log=axis.log)
        if place % _width(numbers):
            plot.set_ylabel("")
    legend = outcome_legend(axes[0], found.outcomes, loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=4)
    if legend is not None:
        # Wider than its panel: the layout keeps a line for it, not a column.
        legend.set_in_layout(False)
        axes[0].set_title(" ", fontsize=13)


def _axis(numbers: Numbers) -> Upright:
    """With a place for every choice, and every number where they are few, that two trials have or more."""
    groups = []
    for column in numbers.points.columns:
        found, counts = np.unique(column.values[~np.isnan(column.values)], return_counts=True)
        if len(found) <= MOST_GROUPS:
            groups += [column.values == level for level in found[counts > 1]]
    return upright(numbers.points, groups)


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


def title(numbers: Numbers, metric: str) -> str:
    """The question that the picture answers."""
    return f"How does {metric} depend on {among(numbers.points.columns)}?"


def caption(numbers: Numbers) -> str:
    """The trials, what the lines are, and what stands at the edge."""
    return sentences(
        who(numbers.points),
        "lines: mean of the completed, with its 95 % interval" if any(map(_told, numbers.effects)) else None,
        *told(numbers.points, _axis(numbers)),
    )


def _width(numbers: Numbers) -> int:
    count = len(numbers.points.columns)
    return count if count < 4 else 2 if count == 4 else 3


def layout(numbers: Numbers) -> Layout:
    """Up to three panels beside each other."""
    letters, width = "ABCDEF"[: len(numbers.points.columns)], _width(numbers)
    rows = tuple(letters[start : start + width].ljust(width, ".") for start in range(0, len(letters), width))
    return Layout(rows, 1.0 + 2.8 * len(rows))
