"""Kind `overview`: what to take, what is safe, how training ran and what matters, in one look."""

from collections.abc import Iterator, Mapping, Sequence
from string import ascii_uppercase
from textwrap import fill
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..analysis.metrics import available
from ..analysis.recommendation import Recommendation, recommendation
from ..analysis.rounding import inward
from ..analysis.safe_ranges import SafeRange, safe_ranges
from ..analysis.shares import Shares, shares
from ..analysis.table import Column, Table, Unanswered
from ..analysis.traces import Traces, traces, typical
from .advice import STAR
from .importance import draw_bars
from .kind import Layout, Request, ranked
from .lines import limits_of, logarithmic
from .marks import is_narrow, legend_above
from .palette import BLUE, GREEN, GREY, INK, ORANGE, PALE
from .scales import along, metric_axis, onto, whole_numbers
from .units import difference, known, label, labels, shown
from .words import sentences, trials_of

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

MOST = 6
"""Parameters, the most important ones."""
MOST_CURVES = 100
MOST_BARS = 4
BELOW = 6
"""How many times as high as a range the curves are."""
WIDEST, NARROWEST = 100, 46
"""Letters to a line, on a wide and on a narrow figure."""
UNIT = "\N{NO-BREAK SPACE}%"
EARLY = {"pruned": "given up early", "diverged": "diverged"}
THICK = 9.0
"""Points: of the bar that is safe."""


class Numbers(NamedTuple):
    """What is known of a study's answer."""

    best: Recommendation
    safe: Mapping[str, SafeRange]
    columns: tuple[Column, ...]
    """That are drawn."""
    hidden: tuple[str, ...]
    """Parameters that there is no room for."""
    traces: Traces | Unanswered
    shares: Shares | Unanswered
    metric: str
    best_number: int
    """Of the best-looking trial."""


def compute(table: Table, request: Request) -> Numbers | Unanswered:
    """The recommendation with its safe ranges, the search's curves and the shares of the parameters."""
    best, safe = recommendation(table), safe_ranges(table)
    if isinstance(best, Unanswered):
        return best
    if isinstance(safe, Unanswered):
        return safe
    names = [name for name in ranked(table) if name in safe]
    curves = traces(table.search, table.metric, MOST_CURVES) if table.metric in available(table.search) else Unanswered("")
    return Numbers(
        best, safe, tuple(table.columns[name] for name in names[:MOST]), tuple(names[MOST:]), curves, shares(table),
        table.metric, int(table.numbers[best.row]),
    )  # fmt: skip


def draw(axes: Sequence["Axes"], numbers: Numbers) -> None:
    """A range for each parameter; below them the curves and what matters."""
    for plot, column in zip(axes, numbers.columns, strict=False):
        _draw_range(plot, numbers, column)
    below = iter(axes[len(numbers.columns) :])
    if isinstance(numbers.traces, Traces):
        _draw_curves(next(below), numbers, numbers.traces)
    if _several(numbers):
        assert isinstance(numbers.shares, Shares)
        plot = next(below)
        draw_bars(plot, numbers.shares._replace(pairs=()), MOST_BARS)
        plot.set_xlabel("share of the variation (%)")
        plot.set_title("What matters?")


def _several(numbers: Numbers) -> bool:
    return isinstance(numbers.shares, Shares) and len(numbers.shares.mains) > 1


def _draw_range(plot: "Axes", numbers: Numbers, column: Column) -> None:
    """The whole space as a thin line, what is safe as a thick one, the recommended value as a star."""
    found, at = numbers.safe[column.name], numbers.best.settings[column.name]
    along(plot, "x", column, 6)
    plot.set_xlabel("")
    plot.set_ylim(-1, 1)
    plot.set_yticks([])
    plot.grid(visible=False)
    plot.spines["left"].set_visible(False)
    if column.numeric:
        plot.plot([column.low, column.high], [0, 0], color=PALE, linewidth=3.0, solid_capstyle="butt")
        plot.plot([found.low, found.high], [0, 0], color=GREEN, linewidth=THICK, solid_capstyle="butt")
    else:
        places = np.arange(len(column.choices or ()))
        plot.plot(places, np.zeros(len(places)), linestyle="", marker="o", color=PALE, markersize=THICK)
        safe = (round(at), *found.choices)
        plot.plot(safe, np.zeros(len(safe)), linestyle="", marker="o", color=GREEN, markersize=2.2 * THICK)
    plot.plot(at, 0, **STAR, zorder=7)
    letters = NARROWEST if is_narrow(plot) else WIDEST
    plot.set_title(fill(range_in_words(column, found, at), letters), fontsize=10)


def range_in_words(column: Column, found: SafeRange, at: float) -> str:
    """'eta: take 0.43; safe from 0.16 to 0.7, maybe above'."""
    name = label(column.name, 20)
    if not column.numeric:
        names = labels(column.names, 14)
        others = [names[code] for code in found.choices if code != round(at)]
        safe = f"{' and '.join(others)} {'is' if len(others) == 1 else 'are'} as safe" if 0 < len(others) < 4 else ""
        told = "no choice makes a difference" if found.whole else safe
        return f"{name}: take {names[round(at)]}" + (f"; {told}" if told else "")
    low, high, middle = inward(found.low, found.high, at)
    if found.whole:
        return f"{name}: take {middle}; it makes no difference from {low} to {high}"
    sides = [side for side, there in (("below", found.open_low), ("above", found.open_high)) if there]
    beyond = f", maybe {sides[0]}" if sides else ""
    return f"{name}: take {middle}; safe from {low} to {high}{beyond}"


def _draw_curves(plot: "Axes", numbers: Numbers, found: Traces) -> None:
    """Pruned networks pale, the median of the completed and the best-looking one; beside, what the recommendation is worth."""
    from matplotlib.collections import LineCollection

    limits = limits_of(found)
    kept = [trace for trace in found.traces if trace.outcome in EARLY]
    paths = [np.column_stack([one.at, onto(shown(found.metric, one.values), limits)]) for one in kept]
    plot.add_collection(LineCollection(paths, colors=GREY, linewidths=0.7, alpha=0.6, zorder=2))
    ends = np.array([path[-1] for path in paths]).reshape(-1, 2)
    plot.plot(*ends.T, linestyle="", marker=".", color=GREY, markersize=4, zorder=2)
    at, middle = typical(found)
    plot.plot(at, shown(found.metric, middle), color=BLUE, linewidth=2.2, zorder=4)
    for trace in found.traces:
        if trace.number == numbers.best_number:
            plot.plot(trace.at, shown(found.metric, trace.values), color=ORANGE, linewidth=1.6, zorder=3)
    last = max(float(trace.at[-1]) for trace in found.traces)
    worth, low, high = shown(numbers.metric, np.array([numbers.best.expected, numbers.best.low, numbers.best.high]))
    plot.errorbar(1.04 * last, worth, yerr=[[worth - low], [high - worth]], color=INK, capsize=3, linewidth=1.5, zorder=5)
    plot.plot(1.04 * last, worth, **{**STAR, "markersize": 11.0}, zorder=6)
    plot.set_xlabel(found.axis)
    whole_numbers(plot, "x", 6)
    if limits is not None and not logarithmic(found) and np.isfinite([low, high]).all():
        limits = (min(limits[0], low), max(limits[1], high))
    metric_axis(plot, "y", found.metric, limits, log=logarithmic(found))
    plot.set_title("How did training run?")
    legend_above(plot, list(_curves_legend(numbers, found)), columns=1)


def _curves_legend(numbers: Numbers, found: Traces) -> Iterator["Artist"]:
    from matplotlib.lines import Line2D

    best = numbers.best
    wide = best.high - best.low
    worth, low, high = (known(numbers.metric, one, wide) for one in (best.expected, best.low, best.high))
    told = f"on a new seed: {worth} ({low.removesuffix(UNIT)} to {high.removesuffix(UNIT)})"
    yield Line2D([], [], **{**STAR, "markersize": 11.0}, label=f"recommended, {told}")
    worth = known(numbers.metric, best.best_expected, best.best_high - best.best_low)
    told = f"best-looking, trial {numbers.best_number}: worth {worth}"
    yield Line2D([], [], color=ORANGE, linewidth=1.6, label=told)
    yield Line2D([], [], color=BLUE, linewidth=2.2, label="typical: median of the completed")
    ended = {trace.outcome for trace in found.traces} & EARLY.keys()
    if ended:
        yield Line2D(
            [], [], color=GREY, linewidth=0.7, marker=".", label=" or ".join(EARLY[one] for one in EARLY if one in ended)
        )


def title(numbers: Numbers, metric: str) -> str:
    """The question that the picture answers."""
    return f"What gives the best {metric}, and how far may it be moved?"


def caption(numbers: Numbers) -> str:
    """The trials, and what is called safe."""
    best = numbers.best
    left = f"left out: {', '.join(map(label, numbers.hidden))}" if numbers.hidden else None
    safe = f"star: recommended; green: safe, costs at most {difference(numbers.metric, best.tolerance)}, 95 % sure"
    return sentences(trials_of(best.trials, best.pruned, best.evidence), "; ".join(filter(None, [safe, left])))


def layout(numbers: Numbers) -> Layout:
    """A row for each parameter; below them the curves beside what matters."""
    count = len(numbers.columns)
    below = "".join(["Y" * isinstance(numbers.traces, Traces), "Z" * _several(numbers)])
    rows = [letter * max(len(below), 1) for letter in ascii_uppercase[:count]]
    return Layout((*rows, *[below] * (BELOW if below else 0)), 0.25 + 0.75 * (count + (BELOW if below else 0)))
