"""Curves of networks while they train: shared by the kinds `curves` and `learning-rate`."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..analysis.metrics import in_percent
from ..analysis.table import Floats, Unanswered
from ..analysis.traces import Trace, Traces
from .colouring import Colouring, colours, key
from .marks import link
from .palette import VERMILION
from .scales import onto, robust, whole_numbers
from .units import shown
from .words import counted, outcomes, sentences

if TYPE_CHECKING:
    from matplotlib.axes import Axes


DECADE = 10.0


def limits_of(traces: Traces) -> tuple[float, float] | None:
    """Limits from the networks that did not diverge, so that those that did do not flatten the others."""
    values = shown(traces.metric, _kept(traces))
    if not logarithmic(traces):
        return robust(values)
    found = robust(np.log10(values))
    return None if found is None else (float(10 ** found[0]), float(10 ** found[1]))


def logarithmic(traces: Traces) -> bool:
    """Whether a metric is drawn on a logarithmic scale: one above zero, of which nine tenths span a decade or more."""
    values = _kept(traces)
    values = values[np.isfinite(values)]
    if in_percent(traces.metric) or not values.size or values.min() <= 0:
        return False
    low, high = np.quantile(values, [0.05, 0.95])
    return bool(high >= DECADE * low)


def _kept(traces: Traces) -> Floats:
    kept = [trace for trace in traces.traces if trace.outcome != "diverged"] or list(traces.traces)
    return np.concatenate([trace.values for trace in kept])


def draw_lines(plot: "Axes", traces: Traces, colouring: Colouring | Unanswered, limits: tuple[float, float] | None) -> None:
    """A line for each network, a dot where it ended early, and a cross where it diverged."""
    from matplotlib.collections import LineCollection

    shades = _shades(traces, colouring)
    paths = [np.column_stack([trace.at, onto(shown(traces.metric, trace.values), limits)]) for trace in traces.traces]
    strength = float(np.clip(40 / max(1, len(paths)), 0.45, 1.0))
    drawn = LineCollection(paths, colors=shades, linewidths=0.8 + strength, alpha=max(0.6, strength), zorder=3)
    drawn.set_urls([link(trace.number) for trace in traces.traces])
    plot.add_collection(drawn)
    longest = max(float(trace.at[-1]) for trace in traces.traces)
    ends = [place for place, trace in enumerate(traces.traces) if trace.outcome == "pruned" or len(trace.at) == 1]
    _draw_ends(plot, [paths[place][-1] for place in ends], [shades[place] for place in ends], [traces.traces[p] for p in ends])
    _draw_diverged(plot, traces, limits)
    first = min(float(trace.at[0]) for trace in traces.traces)
    plot.set_xlim(first - 0.02 * (longest - first) - 0.1, longest + 0.03 * (longest - first) + 0.1)
    whole_numbers(plot, "x")
    if not isinstance(colouring, Unanswered):
        key(plot, colouring)


def _shades(traces: Traces, colouring: Colouring | Unanswered) -> list[str]:
    if isinstance(colouring, Unanswered):
        return ["#444444"] * len(traces.traces)
    return colours(colouring, [trace.row for trace in traces.traces])


def _draw_ends(plot: "Axes", places: Sequence[Floats], shades: Sequence[str], traces: Sequence[Trace]) -> None:
    if places:
        x, y = np.array(places).T
        drawn = plot.scatter(x, y, c=shades, s=14, zorder=4, linewidths=0)
        drawn.set_urls([link(trace.number) for trace in traces])


def _draw_diverged(plot: "Axes", traces: Traces, limits: tuple[float, float] | None) -> None:
    left = [trace for trace in traces.traces if trace.outcome == "diverged"]
    if not left:
        return
    y = onto(np.array([_last(shown(traces.metric, trace.values)) for trace in left]), limits)
    if limits is not None:
        y = np.where(np.isnan(y), limits[0] if traces.higher else limits[1], y)
    x = [trace.at[-1] for trace in left]
    style = {"marker": "x", "color": VERMILION, "s": 36, "linewidths": 1.6, "zorder": 5, "clip_on": False}
    drawn = plot.scatter(x, y, label="diverged here", **style)  # type: ignore[arg-type]  # a mixture of types
    drawn.set_urls([link(trace.number) for trace in left])
    plot.legend(loc="lower left", bbox_to_anchor=(0.0, 1.0))


def _last(values: Floats) -> float:
    finite = values[np.isfinite(values)]
    return float(finite[-1]) if finite.size else np.nan


def caption_of(traces: Traces, limits: tuple[float, float] | None) -> str:
    """The networks, and what is left out or drawn at the edge."""
    trials = {trace.number: trace.outcome for trace in traces.traces}
    networks = f", {counted(len(traces.traces), 'network')}" if len(traces.traces) > len(trials) else ""
    outside = 0
    if limits is not None:
        values = [shown(traces.metric, trace.values) for trace in traces.traces]
        outside = sum(bool(((one < limits[0]) | (one > limits[1])).any()) for one in values)
    early = any(trace.outcome == "pruned" for trace in traces.traces)
    return sentences(
        f"{counted(traces.trials)} ({outcomes(trials.values())}){networks}",
        f"drawn at random by outcome from {traces.of:,} that reported this metric" if traces.trials < traces.of else None,
        f"without a line: {counted(traces.silent, 'diverged trial')} that left before a first report" if traces.silent else None,
        "dots: given up there by the pruner" if early else None,
        f"{outside:,} that run out of the picture are drawn along its edge" if outside else None,
    )
