"""Kind `curves`: a metric while the networks train, coloured by a parameter; a cross where training diverged."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from ..analysis.table import Table, Unanswered
from ..analysis.traces import MOST_TRIALS, Traces, traces
from .colouring import Colouring, by_parameter
from .kind import Request, known_parameter, ranked, single
from .lines import caption_of, draw_lines, limits_of, logarithmic
from .scales import metric_axis
from .units import named

if TYPE_CHECKING:
    from matplotlib.axes import Axes


class Numbers(NamedTuple):
    """Curves and what colours them."""

    traces: Traces
    colouring: Colouring | Unanswered


def compute(table: Table, request: Request, most: int = MOST_TRIALS) -> Numbers | Unanswered:
    """The curves of the metric that is asked for, coloured by that parameter, else by the most important one."""
    names = [known_parameter(table, request.colour)] if request.colour else ranked(table)
    found = traces(table, request.metric or table.metric, most)
    if isinstance(found, Unanswered):
        return found
    if not names:
        return Numbers(found, Unanswered("no parameter was varied"))
    return Numbers(found, by_parameter(table.columns[names[0]], [trace.row for trace in found.traces]))


def draw(axes: Sequence["Axes"], numbers: Numbers) -> None:
    """A line for each network."""
    (plot,) = axes
    limits = limits_of(numbers.traces)
    draw_lines(plot, numbers.traces, numbers.colouring, limits)
    plot.set_xlabel(numbers.traces.axis)
    metric_axis(plot, "y", numbers.traces.metric, limits, log=logarithmic(numbers.traces))


def title(numbers: Numbers, metric: str) -> str:
    """The question that the picture answers."""
    return f"How did {named(numbers.traces.metric)} run while the networks trained?"


def caption(numbers: Numbers) -> str:
    """The networks, and what is left out."""
    return caption_of(numbers.traces, limits_of(numbers.traces))


layout = single(4.4)
