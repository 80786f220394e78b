"""The main plots once more for the dashboard, from the same numbers, where one can point and zoom."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..analysis.points import Points
from ..analysis.recommendation import Recommendation
from ..analysis.safe_region import SURE, SafeRegion
from ..analysis.shares import Shares
from ..analysis.surface import Surface
from ..analysis.table import Column, Floats, Integers, Unanswered
from ..plots import contour, curves, history, importance
from ..plots.advice import best_looking_text, outlined, recommended_text
from ..plots.colouring import Colouring, colours
from ..plots.kind import Request
from ..plots.marks import TEXTS
from ..plots.palette import INK, OUTCOMES, PAPER, SKY, VERMILION, series
from ..plots.scales import robust
from ..plots.surfaces import HALF, scale_of
from ..plots.units import axis_label, named, shown
from ..plots.words import sentences, who
from .explanation import Explanation

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

DIGITS = 4
"""What is stored of each number: figures lie in the database, cut into pieces of 2 kB."""
MOST_CURVES = 60
MOST_POINTS = 500
COLOURS = "Viridis"
SYMBOLS = {"completed": "circle", "evidence": "square", "pruned": "diamond", "diverged": "x", "error": "cross"}


def plotly_figures(explanation: Explanation) -> dict[str, "Figure"]:
    """By name; those that the trials suffice for."""
    found = {name: draw(explanation) for name, draw in _KINDS.items()}
    return {name: figure for name, figure in found.items() if figure is not None}


def _metric(explanation: Explanation) -> str:
    return named(explanation.table.metric)


def _importance(explanation: Explanation) -> "Figure | None":
    import plotly.graph_objects as go

    numbers = importance.compute(explanation.whole, Request())
    if not isinstance(numbers, Shares):
        return None
    bars = importance.bars_of(numbers)
    values, low, high = ([_short(100 * getattr(one, end)) for one in bars] for end in ("value", "low", "high"))
    figure = go.Figure(layout=_layout(importance.title(numbers, _metric(explanation)), importance.caption(numbers)))
    figure.add_bar(
        y=[importance.name_of(one).replace("\n", " ") for one in bars], x=values, orientation="h", marker_color=series(0),
        error_x={
            "array": [_short(h - v) for h, v in zip(high, values, strict=True)],
            "arrayminus": [_short(v - b) for b, v in zip(low, values, strict=True)],
        },
    )  # fmt: skip
    figure.update_yaxes(autorange="reversed", type="category")
    return figure.update_xaxes(title="share of the variation over the space (%)", range=[0, 102])


def _surface(explanation: Explanation) -> "Figure | None":
    import plotly.graph_objects as go

    numbers = contour.compute(explanation.whole, Request())
    if isinstance(numbers, Unanswered):
        return None
    ended, found = numbers.points, numbers.surface
    scale = scale_of(found, ended)
    figure = go.Figure(layout=_layout(contour.title(numbers, _metric(explanation)), _surface_caption(numbers)))
    if isinstance(found, Surface):
        _add_surface(figure, found, ended, scale or (0.0, 1.0))
    for outcome in OUTCOMES:
        rows = np.flatnonzero((ended.outcomes == outcome) & ~ended.unseen)[-MOST_POINTS:]
        if rows.size:
            _add_trials(figure, ended, rows, outcome, scale)
    _add_advice(figure, numbers)
    figure.update_layout(height=600)
    figure.update_xaxes(**_axis(ended.columns[0]))
    return figure.update_yaxes(**_axis(ended.columns[1]))


def _add_trials(figure: "Figure", ended: Points, rows: Integers, outcome: str, scale: tuple[float, float] | None) -> None:
    """Coloured as the surface where they have a value, or one that they would have come to."""
    values = shown(ended.metric, ended.known[rows])
    foreseen = outcome == "pruned" and ended.finals is not None
    coloured = scale is not None and (outcome in ("completed", "evidence") or foreseen)
    marker: dict[str, Any] = {"color": OUTCOMES[outcome], "symbol": SYMBOLS[outcome], "line": {"color": PAPER, "width": 1}}
    if coloured and scale is not None:
        low, high = map(_short, scale)
        marker |= {
            "color": _listed(values), "cmin": low, "cmax": high, "colorscale": COLOURS, "reversescale": not ended.maximise,
            "line": {"color": INK, "width": 1},
        }  # fmt: skip
    text = [
        f"trial {number}" + (f": {value:.4g}{' would have come' if foreseen else ''}" if np.isfinite(value) else "")
        for number, value in zip(ended.numbers[rows], values, strict=True)
    ]
    x, y = (_listed(column.values[rows]) for column in ended.columns)
    figure.add_scatter(x=x, y=y, text=text, hoverinfo="text", mode="markers", name=TEXTS.get(outcome, outcome), marker=marker)


def _add_advice(figure: "Figure", numbers: contour.Numbers) -> None:
    """The outline of what is safe, the best-looking trial and the recommended setting."""
    ended, region, best = numbers.points, numbers.region, contour.best_of(numbers.points)
    if isinstance(region, SafeRegion) and outlined(region):
        figure.add_contour(
            x=_listed(region.x), y=_listed(region.y), z=_rows(region.chance), name="safe inside", showscale=False,
            showlegend=True, contours=_line_at(SURE), line={"color": INK, "width": 3}, hoverinfo="skip",
        )  # fmt: skip
    if best is not None:
        x, y = ([_short(float(column.values[best]))] for column in ended.columns)
        ring = {"symbol": "circle-open", "size": 16, "color": INK, "line": {"width": 3}}
        figure.add_scatter(x=x, y=y, mode="markers", name=best_looking_text(numbers.best, ended, best), marker=ring)
    if contour.starred(numbers):
        assert isinstance(numbers.best, Recommendation)
        x, y = ([_short(numbers.best.settings[column.name])] for column in ended.columns)
        star = {"symbol": "star", "size": 16, "color": PAPER, "line": {"color": INK, "width": 1.5}}
        figure.add_scatter(x=x, y=y, mode="markers", name=recommended_text(numbers.best, ended.metric), marker=star)


def _surface_caption(numbers: contour.Numbers) -> str:
    found = numbers.surface
    if isinstance(found, Unanswered):
        return sentences(who(numbers.points), f"no surface: {found.reason}")
    return sentences(who(numbers.points), "point at the surface to see how well it is known, with 95 %")


def _add_surface(figure: "Figure", found: Surface, ended: Points, scale: tuple[float, float]) -> None:
    mean, reach = (_rows(shown(ended.metric, values)) for values in (found.mean, found.reach))
    figure.add_contour(
        x=_listed(found.x), y=_listed(found.y), z=mean, customdata=reach, name="mean", zmin=_short(scale[0]),
        zmax=_short(scale[1]), colorbar={"title": {"text": axis_label(ended.metric), "side": "right"}}, colorscale=COLOURS,
        reversescale=not ended.maximise, hovertemplate="%{z} ± %{customdata}<extra></extra>",
    )  # fmt: skip
    if found.divergence is not None and found.divergence.min() < HALF < found.divergence.max():
        figure.add_contour(
            x=_listed(found.x), y=_listed(found.y), z=_rows(found.divergence), name="half of the trials diverge", showscale=False,
            showlegend=True, contours=_line_at(HALF), line={"color": VERMILION, "width": 3}, hoverinfo="skip",
        )  # fmt: skip


def _line_at(level: float) -> dict[str, Any]:
    return {"coloring": "none", "start": level, "end": level, "size": 1}


def _curves(explanation: Explanation) -> "Figure | None":
    import plotly.graph_objects as go

    numbers = curves.compute(explanation.table, Request(), MOST_CURVES)
    if isinstance(numbers, Unanswered):
        return None
    metric, traces, colouring = numbers.traces.metric, numbers.traces.traces, numbers.colouring
    coloured = isinstance(colouring, Colouring)
    shades = colours(colouring, [trace.row for trace in traces]) if isinstance(colouring, Colouring) else [INK] * len(traces)
    by = f" Coloured by {colouring.label}." if isinstance(colouring, Colouring) and coloured else ""
    figure = go.Figure(layout=_layout(f"{curves.title(numbers, _metric(explanation))}{by}", curves.caption(numbers)))
    for trace, shade in zip(traces, shades, strict=True):
        symbol, colour, size = ("x", VERMILION, 9) if trace.outcome == "diverged" else ("circle", shade, 4)
        marks = {"symbol": symbol, "color": colour, "size": [0] * (len(trace.at) - 1) + [size]}
        figure.add_scatter(
            x=_listed(trace.at), y=_listed(shown(metric, trace.values)), mode="lines+markers", line={"color": shade},
            marker=marks, name=f"trial {trace.number}, {trace.outcome}", showlegend=False,
        )  # fmt: skip
    limits = robust(shown(metric, np.concatenate([trace.values for trace in traces])))
    figure.update_xaxes(title=numbers.traces.axis)
    return figure.update_yaxes(title=axis_label(metric), range=None if limits is None else [*limits])


def _history(explanation: Explanation) -> "Figure | None":
    import plotly.graph_objects as go

    numbers = history.compute(explanation.table, Request())
    if isinstance(numbers, Unanswered):
        return None
    metric, ended, found = numbers.points.metric, numbers.points, numbers.history
    figure = go.Figure(
        layout=_layout(history.title(numbers, _metric(explanation)), sentences(who(ended), "only the completed are drawn"))
    )
    if not isinstance(numbers.reshuffled, Unanswered):
        middle = numbers.reshuffled.best[len(numbers.reshuffled.quantiles) // 2]
        at = _listed(numbers.reshuffled.counts - 1.0)
        figure.add_scatter(x=at, y=_listed(shown(metric, middle)), name="median of all orders", line={"color": SKY})
    rows = np.flatnonzero(np.isfinite(ended.values))[-MOST_POINTS:]
    points = {"x": ended.numbers[rows].tolist(), "y": _listed(shown(metric, ended.values[rows]))}
    figure.add_scatter(**points, mode="markers", name="completed", marker={"color": OUTCOMES["completed"]})
    rises = np.flatnonzero(np.append(np.diff(found.best, prepend=np.nan) != 0, True)[:-1] & np.isfinite(found.best))
    steps = np.unique(np.append(rises, len(found.best) - 1))
    best = _listed(shown(metric, found.best[steps]))
    figure.add_scatter(x=found.numbers[steps].tolist(), y=best, name="best so far", line={"color": INK, "shape": "hv"})
    figure.update_xaxes(title="trial")
    return figure.update_yaxes(title=axis_label(metric))


_KINDS: Mapping[str, Callable[[Explanation], "Figure | None"]] = {
    "importance": _importance,
    "surface": _surface,
    "curves": _curves,
    "history": _history,
}


_AXES = {"automargin": True, "zeroline": False}
_STYLE = {"layout": {"font": {"color": INK}, "paper_bgcolor": PAPER, "plot_bgcolor": PAPER, "xaxis": _AXES, "yaxis": _AXES}}
"""plotly's own template takes 0.1 s to load, and 7 kB of the database for each figure."""


def _layout(title: str, caption: str) -> dict[str, Any]:
    """The caption below the title, so that a legend of any height has its room below the axes."""
    from html import escape
    from textwrap import fill

    small = "<br>".join(f'<span style="font-size: 11px">{escape(line)}</span>' for line in fill(caption, 95).splitlines())
    return {
        "title": {"text": f"{escape(title)}<br>{small}", "x": 0.02, "xanchor": "left", "y": 0.97, "yanchor": "top"},
        "template": _STYLE, "colorway": list(map(series, range(3))), "margin": {"t": 90},
        "legend": {"orientation": "h", "y": -0.22, "yanchor": "top"},
    }  # fmt: skip


def _axis(column: Column) -> dict[str, Any]:
    ends = column.scale(np.array([column.low, column.high]))
    kind = "log" if column.log else "linear"
    # Plotly's own choice would be 100μ.
    return {"title": column.name, "type": kind, "range": _listed(ends), "exponentformat": "e"}


def _short(value: float) -> float:
    return float(f"{value:.{DIGITS}g}")


def _listed(values: NDArray[np.floating[Any]]) -> list[float | None]:
    return [_short(value) if np.isfinite(value) else None for value in values.tolist()]


def _rows(values: Floats) -> list[list[float | None]]:
    return [_listed(row) for row in values]
