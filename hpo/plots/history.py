"""Kind `history`: the best value so far, beside what chance alone would have found by then."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..analysis.history import History, Reshuffled, history, reshuffled
from ..analysis.points import Points, points
from ..analysis.table import Table, Unanswered
from .kind import Request, objective, single
from .marks import outcome_legend
from .palette import INK, SKY
from .scales import metric_axis, whole_numbers
from .units import shown
from .valued import Upright, draw_trials, told, upright
from .words import sentences, who

if TYPE_CHECKING:
    from matplotlib.axes import Axes


class Numbers(NamedTuple):
    """Best so far as it came, and over all orders in which the trials might have come."""

    history: History
    reshuffled: Reshuffled | Unanswered
    points: Points


def compute(table: Table, request: Request) -> Numbers | Unanswered:
    """The history of an objective."""
    place = objective(table, request)
    found = history(table, place)
    ended = points(table, (), place)
    if isinstance(found, Unanswered):
        return found
    return ended if isinstance(ended, Unanswered) else Numbers(found, reshuffled(table, place), ended)


def draw(axes: Sequence["Axes"], numbers: Numbers) -> None:
    """Trials by number, the best so far as a line; trials without a value along the worse edge."""
    (plot,) = axes
    ended, metric = numbers.points, numbers.points.metric
    axis = _axis(numbers)
    limits = axis.limits
    _draw_reshuffled(plot, numbers, metric, limits)
    draw_trials(plot, ended, ended.numbers.astype(float), axis)
    plot.step(
        numbers.history.numbers,
        shown(metric, numbers.history.best),
        where="post",
        color=INK,
        linewidth=1.8,
        label="best so far",
        zorder=4,
    )
    plot.set_xlabel("trial")
    whole_numbers(plot, "x")
    plot.set_xlim(-0.02 * max(1, numbers.history.numbers[-1]), 1.02 * max(1, numbers.history.numbers[-1]))
    metric_axis(plot, "y", metric, limits, log=axis.log)
    lines = plot.get_legend_handles_labels()[0]
    outcome_legend(plot, ended.outcomes, lines, pruned="pruned: its last value")


def _axis(numbers: Numbers) -> Upright:
    """Of the trials, and of the best so far from the first quarter on: before that it may be anything."""
    ended, best = numbers.points, numbers.history.best
    axis = upright(ended)
    lasting = shown(ended.metric, best[len(best) // 4 :])
    kept = lasting[np.isfinite(lasting)]
    if axis.limits is None or axis.log or not kept.size:
        return axis
    low, high = min(axis.limits[0], float(kept.min())), max(axis.limits[1], float(kept.max()))
    return axis._replace(limits=(low, high)) if high - low <= 2 * (axis.limits[1] - axis.limits[0]) else axis


def _draw_reshuffled(plot: "Axes", numbers: Numbers, metric: str, limits: tuple[float, float] | None) -> None:
    found = numbers.reshuffled
    if isinstance(found, Unanswered) or found.trials < 3 or limits is None:
        return
    low, middle, high = (shown(metric, found.best[place]) for place in (0, len(found.quantiles) // 2, -1))
    at = found.counts - 1.0  # after one trial: at trial 0
    worst = limits[0] if numbers.points.maximise else limits[1]
    low, high = (np.where(np.isnan(end), worst, end) for end in (low, high))
    plot.fill_between(at, low, high, color=SKY, alpha=0.25, linewidth=0, label="5 to 95 % of all orders of these trials")
    plot.plot(at, middle, color=SKY, linewidth=1.5, label="median of all orders")


def title(numbers: Numbers, metric: str) -> str:
    """The question that the picture answers."""
    return f"How soon was the best {metric} found?"


def caption(numbers: Numbers) -> str:
    """The trials, and what is drawn at the edge."""
    return sentences(who(numbers.points), "; ".join(filter(None, told(numbers.points, _axis(numbers)))))


layout = single(4.4)
