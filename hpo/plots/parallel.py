"""Kind `parallel`: each trial as a line through all of its settings to its value, which colours it."""

from collections.abc import Mapping, Sequence
from math import ceil
from textwrap import fill
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..analysis.points import Points, points
from ..analysis.sampling import some
from ..analysis.table import Column, Floats, Integers, Table, Unanswered
from .colouring import Colouring, colours
from .kind import Request, chosen, objective, single
from .marks import link
from .palette import GREY, INK, OUTCOMES, PALE, objective_map
from .scales import beyond, linear_ticks, log_ticks, tick_label
from .units import axis_label, label, labels, shown
from .valued import Upright, upright
from .words import sentences, who

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST = 7
MOST_LINES = 250
BEST = 10
"""Trials drawn on top, thicker."""
NONE = -0.11
"""Where a line passes an axis that the trial has no place on."""
WIDEST_LABELS = 90
"""Letters that fit below the axes side by side."""
MOST_NAMES = 20
"""Of choices on an axis."""
STYLES: Mapping[str, Any] = {"pruned": (0, (4, 2)), "diverged": (0, (1, 1.5)), "error": (0, (6, 2, 1, 2))}
"""Dashes, for print without colours; completed trials have whole lines."""


class Numbers(NamedTuple):
    """Trials, and the rows of those that are drawn."""

    points: Points
    completed: Integers
    """Worst first."""
    others: Mapping[str, Integers]
    """By outcome."""


def compute(table: Table, request: Request) -> Numbers | Unanswered:
    """All ended trials over the parameters that are asked for, else over the most important ones."""
    names = chosen(table, request, MOST)
    if len(names) < 2:
        return Unanswered("lines through the settings need two parameters that were varied")
    found = points(table, names, objective(table, request))
    if isinstance(found, Unanswered):
        return found
    if np.isnan(found.known).all():
        return Unanswered("no trial has a value")
    order = np.argsort(-found.ranks, kind="stable")[: int(np.isfinite(found.ranks).sum())]
    best, rest = order[-BEST:], some(order[:-BEST], MOST_LINES - BEST, table.seed, "parallel completed")
    rest = rest[np.argsort(-found.ranks[rest], kind="stable")]
    others = {
        name: some(np.flatnonzero(found.outcomes == name), MOST_LINES // 4, table.seed, f"parallel {name}") for name in STYLES
    }
    return Numbers(found, np.concatenate([rest, best]), {name: rows for name, rows in others.items() if rows.size})


def draw(axes: Sequence["Axes"], numbers: Numbers) -> None:
    """An upright axis for each parameter, and the objective's at the right; lines from left to right, the best on top."""
    (plot,) = axes
    found, axis = numbers.points, upright(numbers.points)
    heights = np.column_stack([*(_height(column, found.numbers) for column in found.columns), _share(found, axis)])
    below = bool(np.isnan(heights[np.concatenate([numbers.completed, *numbers.others.values()])]).any())
    heights = np.where(np.isnan(heights), NONE, heights)
    for name, rows in numbers.others.items():
        _draw_lines(plot, heights[rows], found.numbers[rows], OUTCOMES[name], 0.8, 0.55, STYLES[name])
        plot.plot([], [], color=OUTCOMES[name], linestyle=STYLES[name], label=name)
    colouring = _colouring(found, axis)
    widths = np.where(np.arange(len(numbers.completed)) >= len(numbers.completed) - BEST, 2.2, 0.9)
    shades = colours(colouring, list(numbers.completed))
    _draw_lines(plot, heights[numbers.completed], found.numbers[numbers.completed], shades, widths, 0.85)
    _draw_axes(plot, found, axis, below=below)
    if numbers.others:
        plot.legend(loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=4)


def _share(found: Points, axis: Upright) -> Floats:
    """Place of each trial's value on the objective's axis; those beyond it stand a little over its end."""
    values = shown(found.metric, found.known)
    if axis.limits is None:
        return np.full(len(values), np.nan)
    low, high = np.log10(axis.limits) if axis.log else axis.limits
    share = ((np.log10(values) if axis.log else values) - low) / (high - low)
    return np.asarray(np.clip(share, -0.03, 1.03))


def _colouring(found: Points, axis: Upright) -> Colouring:
    limits = axis.limits or (0.0, 1.0)
    values = shown(found.metric, found.values)
    return Colouring(axis_label(found.metric), values, *limits, log=axis.log, colours=objective_map(found.maximise))


def _height(column: Column, numbers: Integers) -> Floats:
    """Place on an axis of height 1. Choices have theirs one above the other, with a little room for each trial."""
    if column.choices is not None:
        apart = 0.35 * ((numbers * 0.6180339887) % 1.0 - 0.5)
        return np.asarray((column.values + apart + 0.5) / len(column.choices))
    low, high = column.scale(np.array([column.low, column.high]))
    return np.asarray((column.scaled - low) / (high - low)) if high > low else np.where(np.isnan(column.values), np.nan, 0.5)


def _draw_lines(
    plot: "Axes",
    heights: Floats,
    numbers: Integers,
    colour: str | list[str],
    widths: float | Floats,
    alpha: float,
    dashes: Any = "-",
) -> None:
    from matplotlib.collections import LineCollection

    across = np.arange(heights.shape[1])
    paths = [np.column_stack([across, line]) for line in heights]
    drawn = LineCollection(paths, colors=colour, linewidths=widths, alpha=alpha, zorder=2, linestyles=dashes)
    drawn.set_urls([link(int(number)) for number in numbers])
    plot.add_collection(drawn)


def _draw_axes(plot: "Axes", found: Points, axis: Upright, *, below: bool) -> None:
    last = len(found.columns)
    plot.set_xlim(-0.15, last + 0.5)
    plot.set_ylim(NONE - 0.04 if below else -0.04, 1.04)
    plot.set_xticks(range(last + 1), [*(label(column.name, 16) for column in found.columns), fill(axis_label(found.metric), 12)])
    plot.tick_params(axis="x", length=0)
    if max(len(label(column.name, 16)) for column in found.columns) * (last + 1) > WIDEST_LABELS:
        plot.tick_params(axis="x", rotation=15)
    plot.yaxis.set_visible(False)
    plot.grid(visible=False)
    for side in ("left", "bottom"):
        plot.spines[side].set_visible(False)
    for place, column in enumerate(found.columns):
        missing = bool(np.isnan(column.values).any())
        _draw_axis(plot, place, [*_ticks(column), *([(NONE, "none")] if missing else [])])
    _draw_scale(plot, last, found)
    missing = below and bool(np.isnan(found.known).any())
    _draw_axis(plot, last, [*_value_ticks(axis), *([(NONE, "none")] if missing else [])])


def _draw_axis(plot: "Axes", place: int, ticks: Sequence[tuple[float, str]]) -> None:
    plot.plot([place, place], [0, 1], color=GREY, linewidth=1.0, zorder=1)
    for height, text in ticks:
        # To the left alone: a mark that ran up to its number would look like a minus sign.
        plot.plot([place - 0.02, place], [height, height], color=GREY, linewidth=1.0, zorder=1)
        plot.annotate(
            text, (place, height), xytext=(5, 0), textcoords="offset points", fontsize=9, va="center", color=INK, zorder=4,
            bbox={"boxstyle": "square,pad=0.05", "facecolor": "white", "edgecolor": PALE, "alpha": 0.75, "linewidth": 0.3},
        )  # fmt: skip


def _draw_scale(plot: "Axes", place: int, found: Points) -> None:
    """The colours of the lines along the axis of the objective."""
    shades = np.linspace(0.0, 1.0, 101)[:, None]
    plot.imshow(
        shades,
        cmap=objective_map(found.maximise),
        extent=(place - 0.012, place + 0.012, 0, 1),
        origin="lower",
        aspect="auto",
        zorder=3,
    )


def _value_ticks(axis: Upright) -> list[tuple[float, str]]:
    if axis.limits is None:
        return []
    return _ticks(Column("", np.empty(0), *axis.limits, log=axis.log))


def _ticks(column: Column) -> list[tuple[float, str]]:
    if column.choices is not None:
        return [
            ((place + 0.5) / len(column.choices), name)
            for place, name in list(enumerate(labels(column.names, 10)))[:: ceil(len(column.choices) / MOST_NAMES)]
        ]
    low, high = column.scale(np.array([column.low, column.high]))
    if high <= low:
        return [(0.5, tick_label(column.low))]
    ticks = log_ticks(column.low, column.high) if column.log else linear_ticks(column)
    return [
        (float((place - low) / (high - low)), tick_label(tick))
        for tick, place in zip(ticks, column.scale(np.array(ticks)), strict=True)
    ]


def title(numbers: Numbers, metric: str) -> str:
    """The question that the picture answers."""
    return f"Which settings lead to which {metric}?"


def caption(numbers: Numbers) -> str:
    """The trials, which of them are drawn, and what passes below an axis."""
    found, completed = numbers.points, int((numbers.points.outcomes == "completed").sum())
    rows = {"completed": numbers.completed, **numbers.others}
    drawn = [f"{len(mine):,} of {int((found.outcomes == name).sum()):,} {name}" for name, mine in rows.items()]
    whole = all(len(mine) == (found.outcomes == name).sum() for name, mine in rows.items())
    lacking, valueless = not found.whole.all(), np.isnan(found.known).any()
    below = " or ".join([*(["lacks that parameter"] if lacking else []), *(["has no value"] if valueless else [])])
    outside = beyond(shown(found.metric, found.known), upright(found).limits)
    return sentences(
        who(found),
        None if whole else f"drawn: {', '.join(drawn)}, at random but for the best {BEST}",
        "whole lines: completed, coloured along the last axis" if numbers.others and completed else None,
        f"the best {min(BEST, len(numbers.completed))} are thicker" if completed > 1 else None,
        "pruned ones end at their last value" if np.isfinite(found.last).any() else None,
        f"a line that passes below an axis: the trial {below}" if below else None,
        f"{outside:,} far out {'ends' if outside == 1 else 'end'} beyond the end of the last axis" if outside else None,
    )


layout = single(4.8)
