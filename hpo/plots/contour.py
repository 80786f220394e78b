"""Kind `contour`: the objective over two parameters, how well it is known, and where training breaks."""

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..analysis.points import Points, points
from ..analysis.surface import FEWEST_TRIALS, Surface, surface
from ..analysis.table import Column, Floats, Table, Unanswered
from .kind import Layout, Request, chosen, objective
from .marks import mark, outcome_legend, rows_of
from .palette import INK, PAPER, RISK, UNCERTAINTY, VERMILION, objective_map
from .scales import along, spread_out
from .units import axis_label, label, shown, value
from .words import among, sentences, who

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.collections import PathCollection

LEVELS = 11
MOST_TRIED = 6
"""Parameters of which a pair is looked for."""
PALEST = 0.85
"""How much of the colour goes where nothing is known."""


class Numbers(NamedTuple):
    """The surface, where the trials suffice for one, and the trials."""

    surface: Surface | Unanswered
    points: Points


def compute(table: Table, request: Request) -> Numbers | Unanswered:
    """The surface over the two parameters that are asked for, else over the two most important ones that occur together.

    Over a parameter with choices there are the trials alone.
    """
    place = objective(table, request)
    names = chosen(table, request, 2) if request.parameters else _pair(table, request)
    if len(names) < 2:
        wanted = "different parameters" if request.parameters else "parameters with an order that were varied"
        return Unanswered(f"a contour needs two {wanted}: name two with --parameter")
    found = points(table, names, place)
    if isinstance(found, Unanswered):
        return found
    if not found.whole.any():
        return Unanswered(f"no trial has both {names[0]} and {names[1]}")
    return Numbers(surface(table, *names, place), found)


def _pair(table: Table, request: Request) -> tuple[str, ...]:
    """The first two of the most important ones that trials enough for a surface have both, else the first that any has."""
    pairs = list(combinations(chosen(table, request, MOST_TRIED, numeric=True), 2))
    counts = [int((table.completed & ~np.isnan(table.columns[a].values + table.columns[b].values)).sum()) for a, b in pairs]
    enough = min(FEWEST_TRIALS, max(counts, default=0))
    return next((pair for pair, count in zip(pairs, counts, strict=True) if count >= enough), ())


def draw(axes: Sequence["Axes"], numbers: Numbers) -> None:
    """The mean with trials and boxes; beside it, on the same axes, its uncertainty and the probability to diverge."""
    main, *beside = axes
    found = numbers.surface
    if isinstance(found, Surface):
        _draw_mean(main, found, numbers.points)
        _draw_beside(beside[0], found, shown(numbers.points.metric, found.deviation), UNCERTAINTY, _deviation_title(numbers))
        if found.divergence is not None:
            _draw_beside(beside[1], found, 100 * found.divergence, RISK, "chance to diverge (%)", (0, 100))
    drawn = _draw_points(main, numbers.points, levels_of(found, numbers.points))
    if drawn is not None and not isinstance(found, Surface):
        main.figure.colorbar(drawn, ax=main, shrink=0.9, pad=0.02).set_label(axis_label(numbers.points.metric))
    first, second = numbers.points.columns
    draw_boxes(main, numbers.points.boxes, first, second)
    for plot, most in zip(axes, (6, 3, 3), strict=False):
        along(plot, "x", first, most)
        along(plot, "y", second, most + 1)
    outcome_legend(main, numbers.points.outcomes, loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=4)


def _deviation_title(numbers: Numbers) -> str:
    return "uncertainty" + (" (points)" if "%" in axis_label(numbers.points.metric) else "")


def _draw_mean(plot: "Axes", found: Surface, ended: Points) -> None:
    filled = plot.contourf(
        found.x, found.y, shown(ended.metric, found.mean), levels=levels_of(found, ended), cmap=objective_map(ended.maximise),
        extend="both", zorder=0,
    )  # fmt: skip
    bar = plot.figure.colorbar(filled, ax=plot, shrink=0.9, pad=0.02)
    bar.set_label(axis_label(ended.metric))
    _fade(plot, found)
    if found.divergence is not None and found.divergence.max() > 0.5:
        plot.contourf(found.x, found.y, found.divergence, levels=[0.5, 1.0], colors="none", hatches=["///"], zorder=1)
        if found.divergence.min() < 0.5:
            plot.contour(found.x, found.y, found.divergence, levels=[0.5], colors=VERMILION, linewidths=2, zorder=2)


def levels_of(found: Surface | Unanswered, ended: Points) -> Floats:
    """Round values from the lowest to the highest of the surface and of nine tenths of the trials, which share their colours."""
    from matplotlib.ticker import MaxNLocator

    values = shown(ended.metric, ended.values[np.isfinite(ended.values)])
    parts = [np.quantile(values, [0.05, 0.95])] if values.size else []
    if isinstance(found, Surface):
        parts.append(shown(ended.metric, found.mean).ravel())
    together = np.concatenate(parts) if parts else np.array([0.0, 1.0])
    return np.asarray(MaxNLocator(LEVELS).tick_values(float(together.min()), float(together.max())))


def _fade(plot: "Axes", found: Surface) -> None:
    """White over the surface, the thicker the less is known: thickest where the deviation is as large as the whole relief."""
    from matplotlib.colors import ListedColormap

    relief = max(float(np.ptp(found.mean)) / 2, 1e-12)
    veil = PALEST * np.clip(found.deviation / relief, 0.0, 1.0) ** 2
    paper = ListedColormap([PAPER])
    drawn = plot.pcolormesh(found.x, found.y, np.ones_like(veil), cmap=paper, shading="nearest", rasterized=True, zorder=0.5)
    drawn.set_alpha(veil)  # type: ignore[arg-type]  # an array of the shape of its own, says its documentation


def _draw_beside(
    plot: "Axes", found: Surface, values: Floats, colours: str, title: str, limits: tuple[float, float] | None = None
) -> None:
    low, high = limits or (0.0, 1.3 * float(values.max()) or 1.0)
    drawn = plot.pcolormesh(found.x, found.y, values, cmap=colours, vmin=low, vmax=high, shading="nearest", rasterized=True)
    plot.figure.colorbar(drawn, ax=plot, shrink=0.9, pad=0.02, format="%.3g")
    plot.set_title(title, fontsize=10)
    plot.grid(visible=False)
    plot.tick_params(labelsize=9)


def _draw_points(plot: "Axes", ended: Points, levels: Floats) -> "PathCollection | None":
    """The trials that have both parameters. Gives the completed ones, whose colours are values."""
    x, y = (
        spread_out(column, column.values, ended.numbers * factor) if column.choices is not None else column.values
        for column, factor in zip(ended.columns, (1, 7), strict=True)
    )
    drawn = None
    for outcome, rows in rows_of(ended.outcomes).items():
        rows = rows & ended.whole
        style: dict[str, Any] = {"edgecolors": PAPER, "linewidths": 0.6} if outcome == "pruned" else {}
        if outcome == "completed":
            style = {
                "c": shown(ended.metric, ended.values[rows]), "cmap": objective_map(ended.maximise), "vmin": levels[0],
                "vmax": levels[-1], "edgecolors": INK, "linewidths": 0.8,
            }  # fmt: skip
        drawn = mark(plot, x[rows], y[rows], ended.numbers[rows], outcome, **style)
    best = _best(ended)
    if best is not None:
        plot.plot(x[best], y[best], marker="*", color=PAPER, markeredgecolor=INK, markersize=15, zorder=6)
    return drawn if best is not None else None


def _best(ended: Points) -> int | None:
    """Of the trials in the picture."""
    values = np.where(ended.whole, ended.values, np.nan)
    if np.isnan(values).all():
        return None
    return int(np.nanargmax(values) if ended.maximise else np.nanargmin(values))


def draw_boxes(
    plot: "Axes", boxes: Mapping[str, Mapping[str, tuple[float, float]]], first: Column, second: Column,
    colours: Sequence[str] = (), *, named: bool = True,
) -> None:  # fmt: skip
    """The part of the space that each stage was drawn from; a stage without limits has no box."""
    from matplotlib.patches import Rectangle

    for place, (stage, box) in enumerate(boxes.items()):
        if not {first.name, second.name} & box.keys():
            continue
        (left, right), (low, high) = (box.get(column.name, (column.low, column.high)) for column in (first, second))
        colour = colours[place] if colours else INK
        plot.add_patch(Rectangle((left, low), right - left, high - low, fill=False, edgecolor=colour, linewidth=1.6, zorder=5))
        if not named:
            continue
        plot.annotate(
            label(stage, 16), (left, high), xytext=(2, 2), textcoords="offset points", fontsize=9, color=colour, zorder=6,
            bbox={"boxstyle": "square,pad=0.1", "facecolor": PAPER, "edgecolor": "none", "alpha": 0.7}, va="bottom",
        )  # fmt: skip


def title(numbers: Numbers, metric: str) -> str:
    """The question that the picture answers."""
    return f"Where over {among(numbers.points.columns)} is {metric} best?"


def caption(numbers: Numbers) -> str:
    """The trials, the model, and what is left out of it."""
    found, ended = numbers.surface, numbers.points
    best = _best(ended)
    if isinstance(found, Unanswered):
        return sentences(who(ended), f"no surface: {found.reason}", _star(ended, best))
    return sentences(
        who(ended),
        f"surface: mean over the other parameters, by a Gaussian process on {trials_of(found)}; pale where little is known",
        "pruned ones count by what they may have come to" if found.pruned else None,
        "uncertainty: one standard deviation of the surface",
        f"{found.drawn_in:,} far out are drawn in for it" if found.drawn_in else None,
        "hatched: more likely to diverge than not" if found.divergence is not None and found.divergence.max() > 0.5 else None,
        f"noise of a seed: {_points(ended.metric, found.noise)}",
        _star(ended, best),
    )


def trials_of(found: Surface) -> str:
    """The trials that a surface rests on, in words."""
    sampled = found.trials < found.of
    completed = f"{found.trials:,} of {found.of:,} completed" if sampled else f"{found.of:,} completed"
    pruned = f" and {found.pruned:,} pruned" if found.pruned else ""
    return f"{completed}{pruned} trials" + (", drawn at random" if sampled else "")


def _points(metric: str, difference: float) -> str:
    size = f"{shown(metric, np.array([difference]))[0]:.3g}"
    return f"{size} points" if "%" in axis_label(metric) else size


def _star(ended: Points, best: int | None) -> str | None:
    if best is None:
        return None
    of = "the best of those with both, " if not ended.whole.all() else ""
    return f"star: {of}trial {ended.numbers[best]}, {value(ended.metric, ended.values[best])}"


def layout(numbers: Numbers) -> Layout:
    """A large panel, and small ones beside it for what is known."""
    if isinstance(numbers.surface, Unanswered):
        return Layout(("A",), 4.8)
    return Layout(("AAAB", "AAAC") if numbers.surface.divergence is not None else ("AAAB",), 4.8)
