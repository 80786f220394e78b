"""Kind `learning-rate`: the schedule that each network trained under, coloured by what came of it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..analysis.metrics import available
from ..analysis.table import Floats, Table, Unanswered
from ..analysis.traces import Trace, Traces, traces
from .colouring import Colouring
from .kind import Request, objective, single
from .lines import caption_of, draw_lines
from .palette import objective_map
from .scales import log_axis, robust
from .units import axis_label, shown

if TYPE_CHECKING:
    from matplotlib.axes import Axes

RATE = "learning_rate"


class Numbers(NamedTuple):
    """Schedules, and the objective that colours them."""

    traces: Traces
    colouring: Colouring | Unanswered


def compute(table: Table, request: Request) -> Numbers | Unanswered:
    """The learning rate of every network by epoch."""
    if RATE not in available(table):
        return Unanswered("no trial has reported its learning rate")
    found = traces(table, RATE)
    if isinstance(found, Unanswered):
        return found
    place = objective(table, request)
    metric, values = table.metrics[place], np.where(table.completed, table.values[:, place], np.nan)
    limits = robust(shown(metric, values))
    found = found._replace(traces=_best_last(found.traces, table.score(place)))
    if limits is None:
        return Numbers(found, Unanswered("no trial has completed"))
    colouring = Colouring(axis_label(metric), shown(metric, values), *limits, colours=objective_map(table.maximise[place]))
    return Numbers(found, colouring)


def _best_last(traces: Sequence[Trace], score: Floats) -> tuple[Trace, ...]:
    """Many networks may train under one schedule: the colour on top is then that of the best."""
    return tuple(sorted(traces, key=lambda trace: float(np.nan_to_num(score[trace.row], nan=-np.inf))))


def draw(axes: Sequence["Axes"], numbers: Numbers) -> None:
    """A line for each network, on a logarithmic scale."""
    (plot,) = axes
    draw_lines(plot, numbers.traces, numbers.colouring, None)
    plot.set_xlabel(numbers.traces.axis)
    plot.set_ylabel("learning rate")
    rates = np.concatenate([trace.values for trace in numbers.traces.traces])
    rates = rates[np.isfinite(rates) & (rates > 0)]
    if rates.size:
        low, high = float(rates.min()), float(rates.max())
        log_axis(plot, "y", low if high > 2 * low else high / 2, high if high > 2 * low else 2 * high)


def title(numbers: Numbers, metric: str) -> str:
    """The question that the picture answers."""
    return f"Which learning rates led to which {metric}?"


def caption(numbers: Numbers) -> str:
    """The networks, and what the grey ones are."""
    text = caption_of(numbers.traces, None)
    if isinstance(numbers.colouring, Unanswered):
        return text
    rows = [trace.row for trace in numbers.traces.traces]
    grey = " Grey: without a final value." if np.isnan(numbers.colouring.values[rows]).any() else ""
    return f"{text} Where schedules coincide, the best is on top.{grey}"


layout = single(4.4)
