"""The main plots once more for the dashboard, from the same numbers, where one can point and zoom."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..analysis.importance import METHODS
from ..analysis.surface import Surface
from ..analysis.table import Column, Floats, Unanswered
from ..plots import contour, curves, history, importance
from ..plots.colouring import Colouring, colours
from ..plots.kind import Request
from ..plots.palette import INK, OUTCOMES, PAPER, SKY, VERMILION, series
from ..plots.scales import robust
from ..plots.surfaces import scale_of
from ..plots.units import axis_label, named, shown
from ..plots.words import sentences, who
from .explanation import Explanation

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

DIGITS = 4
"""What is stored of each number: figures lie in the database, cut into pieces of 2 kB."""
MOST_CURVES = 60
MOST_POINTS = 500


def plotly_figures(explanation: Explanation) -> dict[str, "Figure"]:
    """By name; those that the trials suffice for."""
    found = {name: draw(explanation) for name, draw in _KINDS.items()}
    return {name: figure for name, figure in found.items() if figure is not None}


def _metric(explanation: Explanation) -> str:
    return named(explanation.table.metric)


def _importance(explanation: Explanation) -> "Figure | None":
    import plotly.graph_objects as go

    numbers = importance.compute(explanation.table, Request())
    if isinstance(numbers, Unanswered):
        return None
    names = importance.order(numbers)
    figure = go.Figure(layout=_layout(importance.title(numbers, _metric(explanation)), importance.caption(numbers)))
    for place, one in enumerate(numbers):
        shares = {share.parameter: share for share in one.shares}
        found = [shares[name] for name in names if name in shares]
        values, low, high = ([_short(100 * getattr(share, end)) for share in found] for end in ("value", "low", "high"))
        figure.add_bar(
            y=[share.parameter for share in found], x=values, orientation="h", name=importance.NAMES[one.method],
            marker_color=series(place),
            error_x={
                "array": [_short(h - v) for h, v in zip(high, values, strict=True)],
                "arrayminus": [_short(v - b) for b, v in zip(low, values, strict=True)],
            },
        )  # fmt: skip
    figure.update_yaxes(autorange="reversed", type="category")
    return figure.update_xaxes(title="share of the importance of all parameters (%)")


def _surface(explanation: Explanation) -> "Figure | None":
    import plotly.graph_objects as go

    numbers = contour.compute(explanation.table, Request())
    if isinstance(numbers, Unanswered):
        return None
    ended = numbers.points
    figure = go.Figure(layout=_layout(contour.title(numbers, _metric(explanation)), _surface_caption(numbers)))
    if isinstance(numbers.surface, Surface):
        _add_surface(figure, numbers.surface, numbers)
    for outcome in OUTCOMES:
        rows = np.flatnonzero(ended.outcomes == outcome)[-MOST_POINTS:]
        if rows.size:
            x, y = (_listed(column.values[rows]) for column in ended.columns)
            text = [f"trial {number}" for number in ended.numbers[rows]]
            symbol = "x" if outcome == "diverged" else "circle"
            marker = {"color": OUTCOMES[outcome], "symbol": symbol, "line": {"color": PAPER, "width": 1}}
            figure.add_scatter(x=x, y=y, text=text, mode="markers", name=outcome, marker=marker)
    for stage, box in ended.boxes.items():
        (left, right), (low, high) = (box.get(column.name, (column.low, column.high)) for column in ended.columns)
        if {column.name for column in ended.columns} & box.keys():
            figure.add_scatter(
                x=[left, right, right, left, left],
                y=[low, low, high, high, low],
                mode="lines",
                name=f"stage {stage}",
                line={"color": INK},
            )
    figure.update_xaxes(**_axis(ended.columns[0]))
    return figure.update_yaxes(**_axis(ended.columns[1]))


def _surface_caption(numbers: contour.Numbers) -> str:
    found = numbers.surface
    if isinstance(found, Unanswered):
        return sentences(who(numbers.points), f"no surface: {found.reason}")
    used = contour.trials_of(found)
    return sentences(who(numbers.points), f"surface: Gaussian process on {used}; point at it for its standard deviation")


def _add_surface(figure: "Figure", found: Surface, numbers: contour.Numbers) -> None:
    metric, (low, high) = numbers.points.metric, scale_of(found, numbers.points) or (0.0, 1.0)
    mean, deviation = (_rows(shown(metric, values)) for values in (found.mean, found.deviation))
    figure.add_contour(
        x=_listed(found.x), y=_listed(found.y), z=mean, customdata=deviation, name="mean", zmin=_short(low),
        zmax=_short(high), colorbar={"title": {"text": axis_label(metric), "side": "right"}}, colorscale="Viridis",
        reversescale=not numbers.points.maximise, hovertemplate="%{z} ± %{customdata}<extra></extra>",
    )  # fmt: skip
    if found.divergence is not None and found.divergence.min() < 0.5 < found.divergence.max():
        figure.add_contour(
            x=_listed(found.x), y=_listed(found.y), z=_rows(found.divergence), name="half of the trials diverge", showscale=False,
            contours={"coloring": "none", "start": 0.5, "end": 0.5, "size": 1}, line={"color": VERMILION, "width": 3},
            hoverinfo="skip",
        )  # fmt: skip


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
    from textwrap import fill

    foot = {"text": fill(caption, 90).replace("\n", "<br>"), "xref": "paper", "yref": "paper", "x": 0, "y": -0.27}
    return {
        "title": title, "template": _STYLE, "colorway": list(map(series, range(len(METHODS)))),
        "margin": {"b": 130, "t": 90},
        "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom"},
        "annotations": [{**foot, "showarrow": False, "align": "left", "yanchor": "top", "font": {"size": 11}}],
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
