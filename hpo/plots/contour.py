"""Kind `contour`: the objective over two parameters, where it is known, and where training breaks."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..analysis.points import Points, foresee, points
from ..analysis.surface import FEWEST_TRIALS, Surface, surface
from ..analysis.table import Floats, Table, Truths, Unanswered
from .kind import Request, chosen, objective, single
from .marks import legend_entry, mark, rows_of
from .palette import GREY, INK, PAPER, VERMILION, objective_map
from .scales import along, spread_out
from .units import axis_label, difference, shown, value
from .words import among, counted, sentences, who

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.cm import ScalarMappable

LEVELS = 11
MOST_TRIED = 6
"""Parameters of which a pair is looked for."""
HALF = 0.5
"""Chance to diverge from which on a place is marked."""
UNKNOWN, BREAKS = "///", "xx"
"""Hatchings."""
RING: Mapping[str, Any] = {"linestyle": "", "marker": "o", "markersize": 12.0, "markerfacecolor": "none"}
DIAMOND: Mapping[str, Any] = {"marker": "D", "s": 20.0}
"""Pruned trials: smaller than the completed, and of another shape."""


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
    return Numbers(surface(table, *names, place), foresee(found, table, place))


def _pair(table: Table, request: Request) -> tuple[str, ...]:
    """The first two of the most important ones that trials enough for a surface have both, else the first that any has."""
    pairs = list(combinations(chosen(table, request, MOST_TRIED, numeric=True), 2))
    counts = [int((table.completed & ~np.isnan(table.columns[a].values + table.columns[b].values)).sum()) for a, b in pairs]
    enough = min(FEWEST_TRIALS, max(counts, default=0))
    return next((pair for pair, count in zip(pairs, counts, strict=True) if count >= enough), ())


def draw(axes: Sequence["Axes"], numbers: Numbers) -> None:
    """The mean as colours, on which completed and pruned trials have theirs; hatched what is little known, and what breaks."""
    (plot,) = axes
    first, second = numbers.points.columns
    colours = _colours(numbers)
    if isinstance(numbers.surface, Surface):
        _draw_surface(plot, numbers.surface, numbers.points.metric, colours)
    _draw_points(plot, numbers.points, colours)
    along(plot, "x", first, 6)
    along(plot, "y", second, 7)
    plot.figure.colorbar(colours, ax=plot, pad=0.02, extend="both").set_label(axis_label(numbers.points.metric))
    plot.legend(handles=list(_legend(numbers)), loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=2)


def _colours(numbers: Numbers) -> "ScalarMappable":
    """A colour for each round step from the lowest to the highest of the surface; of the trials where there is none."""
    from matplotlib import colormaps
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import BoundaryNorm
    from matplotlib.ticker import MaxNLocator

    ended = numbers.points
    levels = MaxNLocator(LEVELS).tick_values(*scale_of(numbers))
    name = objective_map(ended.maximise)
    return ScalarMappable(BoundaryNorm(levels, colormaps[name].N, extend="both"), name)


def scale_of(numbers: Numbers) -> tuple[float, float]:
    """The ends of the colours, in the unit that is shown."""
    found, ended = numbers.surface, numbers.points
    values = found.mean if isinstance(found, Surface) else ended.values[ended.whole & np.isfinite(ended.values)]
    return tuple(shown(ended.metric, np.array([values.min(), values.max()])).tolist()) if values.size else (0.0, 1.0)


def _draw_surface(plot: "Axes", found: Surface, metric: str, colours: "ScalarMappable") -> None:
    steps = colours.norm.boundaries  # type: ignore[attr-defined]  # of a BoundaryNorm
    plot.contourf(
        found.x, found.y, shown(metric, found.mean), levels=steps, cmap=colours.cmap, norm=colours.norm, extend="both", zorder=0
    )
    if _little_known(found):
        _hatch(plot, found, found.reach, found.known_within, UNKNOWN, PAPER)
    if _breaks(found):
        assert found.divergence is not None
        _hatch(plot, found, found.divergence, HALF, BREAKS, VERMILION)
        if found.divergence.min() < HALF:
            plot.contour(found.x, found.y, found.divergence, levels=[HALF], colors=VERMILION, linewidths=2, zorder=2)
    plot.grid(visible=False)


def _hatch(plot: "Axes", found: Surface, values: Floats, above: float, pattern: str, colour: str) -> None:
    drawn = plot.contourf(found.x, found.y, values, levels=[above, np.inf], colors="none", hatches=[pattern], zorder=1)
    drawn.set_edgecolor(colour)
    drawn.set_linewidth(0.0)


def _little_known(found: Surface) -> bool:
    return bool((found.reach > found.known_within).any())


def _breaks(found: Surface) -> bool:
    return found.divergence is not None and bool(found.divergence.max() > HALF)


def _draw_points(plot: "Axes", ended: Points, colours: "ScalarMappable") -> None:
    """The trials that have both parameters; those with a value, or one that they would have come to, in its colour."""
    x, y = (
        spread_out(column, column.values, ended.numbers * factor) if column.choices is not None else column.values
        for column, factor in zip(ended.columns, (1, 7), strict=True)
    )
    valued = np.isfinite(ended.known if ended.finals is not None else ended.values)
    for outcome, those in rows_of(ended.outcomes).items():
        for rows in (those & ended.whole & ~ended.unseen & ~valued, those & ended.whole & valued):
            if rows.any():
                style = _coloured(ended, rows, colours, outcome) if valued[rows].all() else {}
                mark(plot, x[rows], y[rows], ended.numbers[rows], outcome, **style)
    best = _best(ended)
    if best is not None:
        for colour, width in ((PAPER, 4.0), (INK, 2.0)):
            plot.plot(x[best], y[best], **RING, markeredgecolor=colour, markeredgewidth=width, zorder=6)


def _coloured(ended: Points, rows: Truths, colours: "ScalarMappable", outcome: str) -> dict[str, Any]:
    shape = DIAMOND if outcome == "pruned" else {}
    return {"c": colours.to_rgba(shown(ended.metric, ended.known[rows])), "edgecolors": INK, "linewidths": 0.8, **shape}


def _best(ended: Points) -> int | None:
    """Of the trials in the picture."""
    values = np.where(ended.whole, ended.values, np.nan)
    if np.isnan(values).all():
        return None
    return int(np.nanargmax(values) if ended.maximise else np.nanargmin(values))


def _legend(numbers: Numbers) -> Iterator[Any]:
    """Whatever is in the picture, in words."""
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    ended, found = numbers.points, numbers.surface
    coloured: dict[str, Any] = {"markerfacecolor": PAPER, "markeredgecolor": INK, "linestyle": ""}
    for outcome in rows_of(ended.outcomes[ended.whole]):
        if outcome == "completed":
            yield Line2D([], [], marker="o", label="completed: its value", **coloured)
        elif outcome == "pruned" and ended.finals is not None:
            yield Line2D([], [], marker="D", markersize=4.5, label="pruned: what it would have come to", **coloured)
        else:
            yield legend_entry(outcome)
    best = _best(ended)
    if best is not None:
        told = f"best-looking: trial {ended.numbers[best]}, {value(ended.metric, ended.values[best])}"
        yield Line2D([], [], **RING, markeredgecolor=INK, markeredgewidth=2.0, label=told)
    if isinstance(found, Surface) and _little_known(found):
        yield Patch(
            facecolor="none",
            edgecolor=GREY,
            hatch=UNKNOWN,
            linewidth=0,
            label=f"not known to within {difference(ended.metric, found.known_within)}",
        )
    if isinstance(found, Surface) and _breaks(found):
        yield Patch(facecolor="none", edgecolor=VERMILION, hatch=BREAKS, linewidth=0, label="more likely to diverge than not")


def title(numbers: Numbers, metric: str) -> str:
    """The question that the picture answers."""
    return f"Where over {among(numbers.points.columns)} is {metric} best?"


def caption(numbers: Numbers) -> str:
    """The trials, and what the colours are an average over or rest on."""
    return sentences(who(numbers.points), _about(numbers))


def _about(numbers: Numbers) -> str | None:
    found = numbers.surface
    if isinstance(found, Unanswered):
        return f"no surface: {found.reason}"
    metric, least, most = numbers.points.metric, float(found.reach.min()), float(np.ptp(found.mean))
    parts = [
        f"an average over the {counted(found.others, 'other parameter')}" if found.others else None,
        f"by {trials_of(found)}" if found.trials < found.of else None,
        f"{found.drawn_in:,} far out drawn in" if found.drawn_in else None,
        None if _little_known(found) else f"known to within {difference(metric, float(found.reach.max()))} everywhere",
        f"no more than {difference(metric, most)} high, and known to within {difference(metric, least)} at best"
        if least > most
        else None,
    ]
    told = "; ".join(filter(None, parts))
    return f"the surface is {told}" if told else None


def trials_of(found: Surface) -> str:
    """The trials that a surface rests on, in words."""
    sampled = found.trials < found.of
    completed = f"{found.trials:,} of {found.of:,} completed" if sampled else f"{found.of:,} completed"
    pruned = f" and {found.pruned:,} pruned" if found.pruned else ""
    return f"{completed}{pruned} trials" + (", drawn at random" if sampled else "")


layout = single(5.6)
