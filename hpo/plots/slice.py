"""Kind `slice`: the objective along one parameter after the other, with the model of the study and its band."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..analysis.effects import MainEffect, main_effect
from ..analysis.points import Points, foresee, points
from ..analysis.recommendation import Recommendation, recommendation
from ..analysis.safe_ranges import SafeRange, safe_ranges
from ..analysis.table import Column, Table, Unanswered
from .advice import draw_recommended_value, draw_safe, recommended_line, safe_entry
from .kind import Layout, Request, chosen, objective, ranked
from .marks import is_narrow, outcome_legend
from .palette import INK, ORANGE
from .scales import along, metric_axis, room, spread_out
from .units import label, shown
from .valued import Upright, draw_trials, told, upright
from .words import among, sentences, who

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

MOST = 6
BAND = ("low", "high")
WIDEST_BAND = 0.3
"""How far the axis follows the band beyond the trials, in shares of their height."""
MOST_GROUPS = 12
"""A parameter of more different values has no groups."""


class Numbers(NamedTuple):
    """Trials, and the mean along each parameter."""

    points: Points
    effects: tuple[MainEffect | Unanswered, ...]
    best: Recommendation | Unanswered
    safe: Mapping[str, SafeRange]
    hidden: tuple[str, ...]
    """Parameters that there is no room for."""


def compute(table: Table, request: Request) -> Numbers | Unanswered:
    """The points and main effects of the parameters that are asked for, else of the most important ones."""
    place = objective(table, request)
    names = chosen(table, request, MOST)
    found = points(table, names, place) if names else Unanswered("no parameter was varied")
    if isinstance(found, Unanswered):
        return found
    if np.isnan(found.values).all():
        return Unanswered("no trial has completed")
    effects = tuple(main_effect(table, name, place) for name in names)
    hidden = () if request.parameters else tuple(name for name in ranked(table, place) if name not in names)
    safe = safe_ranges(table, place)
    ranges = {} if isinstance(safe, Unanswered) else safe
    return Numbers(foresee(found, table, place), effects, recommendation(table, place), ranges, hidden)


def draw(axes: Sequence["Axes"], numbers: Numbers) -> None:
    """A panel for each parameter, all with the same height."""
    found, axis = numbers.points, _axis(numbers)
    for place, (plot, column, effect) in enumerate(zip(axes, found.columns, numbers.effects, strict=True)):
        draw_trials(plot, found, spread_out(column, column.values, found.numbers), axis)
        if isinstance(effect, MainEffect):
            _draw_effect(plot, effect, column, found.metric)
        _draw_advice(plot, numbers, column)
        along(plot, "x", column, 4 if len(axes) > 1 else 7)
        metric_axis(plot, "y", found.metric, axis.limits, log=axis.log)
        if place % _width(numbers) and not is_narrow(plot):
            plot.set_ylabel("")
    ahead = "its last value" if found.finals is None else "what it would have come to"
    outcome_legend(axes[0], found.outcomes, _legend(numbers), pruned=f"pruned: {ahead}")


def _draw_advice(plot: "Axes", numbers: Numbers, column: Column) -> None:
    """The recommended value as a line, and what is safe as a strip behind everything."""
    if isinstance(numbers.best, Recommendation) and column.name in numbers.best.settings:
        draw_recommended_value(plot, numbers.best.settings[column.name])
    if column.name in numbers.safe:
        draw_safe(plot, column, numbers.safe[column.name])


def _legend(numbers: Numbers) -> Iterator["Artist"]:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    if any(isinstance(effect, MainEffect) for effect in numbers.effects):
        yield Line2D([], [], color=INK, linewidth=2.0, label="mean")
        yield Patch(color=ORANGE, alpha=0.3, linewidth=0, label="its 95 % band")
    if isinstance(numbers.best, Recommendation):
        yield recommended_line(numbers.best, numbers.points.metric)
    if isinstance(numbers.best, Recommendation) and any(column.name in numbers.safe for column in numbers.points.columns):
        yield safe_entry(numbers.points.metric, numbers.best.tolerance)


def _axis(numbers: Numbers) -> Upright:
    """With room for the lines, and for every choice, and number where they are few, that two trials have or more."""
    groups = []
    for column in numbers.points.columns:
        found, counts = np.unique(column.values[~np.isnan(column.values)], return_counts=True)
        if len(found) <= MOST_GROUPS:
            groups += [column.values == level for level in found[counts > 1]]
    axis = upright(numbers.points, groups)
    lines = [effect for effect in numbers.effects if isinstance(effect, MainEffect)]
    if axis.limits is None or axis.log or not lines:
        return axis
    ends = [shown(numbers.points.metric, np.concatenate([getattr(effect, end) for effect in lines])) for end in BAND]
    room = WIDEST_BAND * (axis.limits[1] - axis.limits[0])
    low, high = (float(np.clip(end, axis.limits[0] - room, axis.limits[1] + room)) for end in (ends[0].min(), ends[1].max()))
    return axis._replace(limits=(min(axis.limits[0], low), max(axis.limits[1], high)))


def _draw_effect(plot: "Axes", effect: MainEffect, column: Column, metric: str) -> None:
    """A line with a band; a bar for each choice or whole number."""
    mean, low, high = (shown(metric, values) for values in (effect.mean, effect.low, effect.high))
    if not room(column):
        plot.fill_between(effect.at, low, high, color=ORANGE, alpha=0.3, linewidth=0, zorder=2)
        plot.plot(effect.at, mean, color=INK, linewidth=2.0, zorder=4)
        return
    for at, middle, bottom, top in zip(effect.at, mean, low, high, strict=True):
        ends = [at - 0.6 * room(column), at + 0.6 * room(column)]
        plot.fill_between(ends, bottom, top, color=ORANGE, alpha=0.3, linewidth=0, zorder=2)
        plot.plot(ends, [middle, middle], color=INK, linewidth=2.0, zorder=4)


def title(numbers: Numbers, metric: str) -> str:
    """The question that the picture answers."""
    return f"How does {metric} depend on {among(numbers.points.columns)}?"


def caption(numbers: Numbers) -> str:
    """The trials, why there is no line, and what stands at the edge or is left out."""
    missing = next((effect.reason for effect in numbers.effects if isinstance(effect, Unanswered)), None)
    notes = [
        f"no line: {missing}" if missing else None,
        *told(numbers.points, _axis(numbers)),
        f"left out: {', '.join(map(label, numbers.hidden))}" if numbers.hidden else None,
    ]
    return sentences(who(numbers.points), "; ".join(filter(None, notes)))


def _width(numbers: Numbers) -> int:
    count = len(numbers.points.columns)
    return count if count < 4 else 2 if count == 4 else 3


def layout(numbers: Numbers) -> Layout:
    """Up to three panels beside each other."""
    letters, width = "ABCDEF"[: len(numbers.points.columns)], _width(numbers)
    rows = tuple(letters[start : start + width].ljust(width, ".") for start in range(0, len(letters), width))
    return Layout(rows, 1.0 + 2.8 * len(rows))
