"""Trials along an upright axis of the objective: outliers as arrows at its ends, pruned trials at what they had come to."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..analysis.metrics import in_percent
from ..analysis.points import Points
from ..analysis.table import Floats, Truths
from .marks import mark, rows_of
from .scales import WIDEST, beyond, many, robust
from .units import shown

if TYPE_CHECKING:
    from matplotlib.axes import Axes

EDGE = 0.05
"""Share of the height between the edge and each row of trials without a value."""
LARGEST = 150.0
"""Decimal logarithm of what a logarithmic axis may reach: the quotient of its ends is a number, too."""
ROWS = {"pruned": 0.0, "diverged": EDGE, "error": 2 * EDGE}


class Upright(NamedTuple):
    """The axis of the objective, in the unit that is shown."""

    limits: tuple[float, float] | None
    """None where no trial has a value."""
    log: bool


def upright(found: Points, groups: Sequence[Truths] = ()) -> Upright:
    """An axis that follows the bulk of the trials and leaves no group of them outside.

    Logarithmic where groups lie so far apart that on another one the bulk would be a line.
    """
    values = shown(found.metric, found.known)
    limits = _held(values, np.isfinite(found.values), groups)
    finite = values[np.isfinite(values)]
    if limits is None or in_percent(found.metric) or finite.min() <= 0 or not _misses(values, groups, limits):
        return Upright(limits, log=False)
    with np.errstate(invalid="ignore"):
        logs = _held(np.log10(values), np.isfinite(found.values), groups, np.inf)
    low, high = np.clip(logs or (0.0, 1.0), -LARGEST, LARGEST)
    return Upright((float(10.0**low), float(10.0**high)), log=True)


def _held(values: Floats, completed: Truths, groups: Sequence[Truths], widest: float = WIDEST) -> tuple[float, float] | None:
    """The completed ones may be the few among many pruned ones."""
    parts = [robust(np.where(which, values, np.nan), groups, widest) for which in (completed, np.isfinite(values))]
    known = [one for one in parts if one is not None]
    return (min(low for low, _ in known), max(high for _, high in known)) if known else None


def _misses(values: Floats, groups: Sequence[Truths], limits: tuple[float, float]) -> bool:
    known = np.isfinite(values)
    inside = known & (values >= limits[0]) & (values <= limits[1])
    return many(known & ~inside, known) or any((one & known).any() and not (one & inside).any() for one in groups)


def draw_trials(plot: "Axes", found: Points, x: Floats, axis: Upright) -> None:
    """A mark at each trial's value, an arrow at the border for one beyond it, and those without one along the worse edge."""
    limits = axis.limits or (-np.inf, np.inf)
    values = shown(found.metric, found.known)
    for outcome, those in rows_of(found.outcomes).items():
        rows = those & np.isfinite(x) & ~found.unseen
        inside = rows & (values >= limits[0]) & (values <= limits[1])
        mark(plot, x[inside], values[inside], found.numbers[inside], outcome, clip_on=False)
        for side, marker, height in ((values > limits[1], "^", 1.0), (values < limits[0], "v", 0.0)):
            _mark_edge(plot, found, x, rows & side, outcome, height, marker)
        row = ROWS.get(outcome, 0.0)
        _mark_edge(
            plot,
            found,
            x,
            rows & np.isnan(values),
            outcome,
            row if found.maximise else 1.0 - row,
            "|" if outcome == "pruned" else "",
        )


def _mark_edge(plot: "Axes", found: Points, x: Floats, rows: Truths, outcome: str, height: float, marker: str) -> None:
    if not rows.any():
        return
    style: dict[str, Any] = {"transform": plot.get_xaxis_transform(), "clip_on": False}
    style |= {"marker": marker, "linewidths": 1.0} if marker else {}
    mark(plot, x[rows], np.full(int(rows.sum()), height), found.numbers[rows], outcome, **style)


def told(found: Points, axis: Upright) -> list[str | None]:
    """For a caption: who has no value, and how many lie beyond the axis."""
    valueless = {name: int(((found.outcomes == name) & np.isnan(found.known) & ~found.unseen).sum()) for name in ROWS}
    named = [f"{count:,} {name}" for name, count in valueless.items() if count]
    outside = beyond(shown(found.metric, found.known), axis.limits)
    return [
        f"along the {'lower' if found.maximise else 'upper'} edge, without a value: {', '.join(named)}" if named else None,
        f"{outside:,} far out: {'an arrow' if outside == 1 else 'arrows'} at the border of the axis" if outside else None,
    ]
