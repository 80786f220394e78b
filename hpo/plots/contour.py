"""Kind `contour`: the objective over two parameters, what to take, what is safe, and where training breaks."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..analysis.points import Points, foresee, points
from ..analysis.recommendation import Recommendation, recommendation
from ..analysis.safe_region import SafeRegion, safe_region
from ..analysis.surface import FEWEST_TRIALS, Surface, surface
from ..analysis.table import Floats, Table, Truths, Unanswered
from .advice import (
    best_looking_entry,
    draw_best_looking,
    draw_recommended,
    draw_region,
    outlined,
    recommended_entry,
    region_entries,
)
from .kind import Request, chosen, objective, single
from .marks import MOST_LINKS, SIZES, TEXTS, legend_above, legend_entry, mark, rows_of
from .palette import INK, MARKERS, PAPER
from .scales import along, spread_out
from .surfaces import about, colours_of, draw_surface, entries, scale_of
from .units import axis_label, shown
from .words import among, sentences, who

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.cm import ScalarMappable

MOST_TRIED = 6
"""Parameters of which a pair is looked for."""
DIAMOND: Mapping[str, Any] = {"marker": "D", "s": 20.0}
"""Pruned trials: smaller than the completed, and of another shape."""
COLOURED = {"completed": "completed: its value", "pruned": "pruned: what it would have come to", "evidence": TEXTS["evidence"]}
HALO = 2.4
"""How many times as large a white mark lies under a coloured one."""


class Numbers(NamedTuple):
    """The surface, where the trials suffice for one, the trials, and the advice."""

    surface: Surface | Unanswered
    points: Points
    best: Recommendation | Unanswered
    region: SafeRegion | Unanswered


def compute(table: Table, request: Request) -> Numbers | Unanswered:
    """The surface over the two parameters that are asked for, else over the two most important ones that occur together.

    Over a parameter with choices there are the trials alone.
    """
    place = objective(table, request)
    names = chosen(table, request, 2) if request.parameters else _pair(table, request)
    if len(names) < 2:
        return _too_few(table, request)
    found = points(table, names, place)
    if isinstance(found, Unanswered):
        return found
    if not found.whole.any():
        return Unanswered(f"no trial has both {names[0]} and {names[1]}")
    return Numbers(
        surface(table, *names, place),
        foresee(found, table, place),
        recommendation(table, place),
        safe_region(table, *names, place),
    )


def _too_few(table: Table, request: Request) -> Unanswered:
    if request.parameters:
        return Unanswered("a contour needs two different parameters: name two with --parameter")
    varied = [column.name for column in table.parameters if not column.constant]
    if len(varied) > 1:
        return Unanswered("a contour needs two parameters with an order that were varied: name two with --parameter")
    return Unanswered(f"a contour needs two parameters that were varied, and there is {len(varied) or 'none'}: see `slice`")


def _pair(table: Table, request: Request) -> tuple[str, ...]:
    """The first two of the most important ones that trials enough for a surface have both, else the first that any has."""
    pairs = list(combinations(chosen(table, request, MOST_TRIED, numeric=True), 2))
    counts = [int((table.completed & ~np.isnan(table.columns[a].values + table.columns[b].values)).sum()) for a, b in pairs]
    enough = min(FEWEST_TRIALS, max(counts, default=0))
    found = next((pair for pair, count in zip(pairs, counts, strict=True) if count >= enough), ())
    return tuple(sorted(found, key=list(table.columns).index))


def draw(axes: Sequence["Axes"], numbers: Numbers) -> None:
    """The mean as colours, on which completed and pruned trials have theirs, and the advice."""
    (plot,) = axes
    found, ended = numbers.surface, numbers.points
    scale = scale_of(found, ended)
    colours = None if scale is None else colours_of(scale, maximise=ended.maximise)
    if isinstance(found, Surface) and colours is not None:
        draw_surface(plot, found, ended.metric, colours)
    x, y = _places(ended)
    _draw_points(plot, ended, x, y, colours)
    _draw_advice(plot, numbers, x, y)
    along(plot, "x", ended.columns[0], 6)
    along(plot, "y", ended.columns[1], 7)
    if colours is not None:
        plot.figure.colorbar(colours, ax=plot, pad=0.02, extend="both").set_label(axis_label(ended.metric))
    legend_above(plot, list(_legend(numbers, coloured=colours is not None)))


def _places(ended: Points) -> tuple[Floats, Floats]:
    """Of all trials; those of one choice a little apart."""
    x, y = (
        spread_out(column, column.values, ended.numbers * factor) if column.choices is not None else column.values
        for column, factor in zip(ended.columns, (1, 7), strict=True)
    )
    return x, y


def _draw_points(plot: "Axes", ended: Points, x: Floats, y: Floats, colours: "ScalarMappable | None") -> None:
    """The trials that have both parameters; those with a value, or one that they would have come to, in its colour."""
    valued = _coloured(ended) & (colours is not None)
    for outcome, those in rows_of(ended.outcomes).items():
        rest = those & ended.whole & ~ended.unseen & ~valued
        if rest.any():
            mark(plot, x[rest], y[rest], ended.numbers[rest], outcome)
        rows = those & ended.whole & valued
        if rows.any() and colours is not None:
            shape: dict[str, Any] = {"marker": MARKERS[outcome], "s": SIZES[outcome], **(DIAMOND if outcome == "pruned" else {})}
            if rows.sum() <= MOST_LINKS:
                size = (HALO * shape["s"]) ** 0.5
                plot.plot(x[rows], y[rows], linestyle="", marker=shape["marker"], markersize=size, color=PAPER, mew=0, zorder=2.9)
            shades = colours.to_rgba(shown(ended.metric, ended.known[rows]))
            mark(plot, x[rows], y[rows], ended.numbers[rows], outcome, c=shades, edgecolors=INK, linewidths=0.8, **shape)


def _coloured(ended: Points) -> Truths:
    return np.isfinite(ended.known if ended.finals is not None else ended.values)


def _draw_advice(plot: "Axes", numbers: Numbers, x: Floats, y: Floats) -> None:
    best, (first, second) = best_of(numbers.points), numbers.points.columns
    if isinstance(numbers.region, SafeRegion) and outlined(numbers.region):
        draw_region(plot, numbers.region)
    if best is not None:
        draw_best_looking(plot, x[best], y[best])
    if starred(numbers):
        assert isinstance(numbers.best, Recommendation)
        draw_recommended(plot, numbers.best.settings[first.name], numbers.best.settings[second.name])


def starred(numbers: Numbers) -> bool:
    """Whether the recommended setting has both parameters."""
    names = {column.name for column in numbers.points.columns}
    return isinstance(numbers.best, Recommendation) and names <= numbers.best.settings.keys()


def best_of(ended: Points) -> int | None:
    """The best-looking of the trials in the picture."""
    values = np.where(ended.whole & (ended.outcomes != "evidence"), ended.values, np.nan)
    if np.isnan(values).all():
        return None
    return int(np.nanargmax(values) if ended.maximise else np.nanargmin(values))


def _legend(numbers: Numbers, *, coloured: bool) -> Iterator["Artist"]:
    """Whatever is in the picture, in words."""
    ended, best = numbers.points, best_of(numbers.points)
    if starred(numbers):
        assert isinstance(numbers.best, Recommendation)
        yield recommended_entry(numbers.best, ended.metric)
    yield from region_entries(numbers.region, ended.metric)
    if best is not None:
        yield best_looking_entry(numbers.best, ended, best)
    there = ended.whole & ~ended.unseen
    for outcome in reversed(rows_of(ended.outcomes[there])):
        yield _entry(outcome, coloured=coloured and bool(_coloured(ended)[there & (ended.outcomes == outcome)].any()))
    if isinstance(numbers.surface, Surface):
        yield from entries(numbers.surface, ended.metric)


def _entry(outcome: str, *, coloured: bool) -> "Artist":
    from matplotlib.lines import Line2D

    text = COLOURED.get(outcome, outcome)
    if not coloured:
        return legend_entry(outcome)
    marker, size = ("D", 4.5) if outcome == "pruned" else (MARKERS[outcome], 6.0)
    return Line2D([], [], linestyle="", marker=marker, markersize=size, markerfacecolor=PAPER, markeredgecolor=INK, label=text)


def title(numbers: Numbers, metric: str) -> str:
    """The question that the picture answers."""
    return f"Where over {among(numbers.points.columns)} is {metric} best?"


def caption(numbers: Numbers) -> str:
    """The trials, and what is to be said of the surface, or why there is none."""
    found = numbers.surface
    told = f"no surface: {found.reason}" if isinstance(found, Unanswered) else about(found, numbers.points.metric)
    return sentences(who(numbers.points), "; ".join(filter(None, [told, _all_safe(numbers.region)])))


def _all_safe(found: SafeRegion | Unanswered) -> str | None:
    everywhere = isinstance(found, SafeRegion) and bool(found.inside.all())
    return "all of it is as good as the recommended setting" if everywhere else None


layout = single(5.8)
