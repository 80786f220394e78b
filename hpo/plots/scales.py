"""Axes along a parameter or a metric: the right scale, plain ticks, and limits that a few wild values do not stretch."""

from collections.abc import Sequence
from math import ceil, floor, isfinite, log10
from typing import TYPE_CHECKING, Literal

import numpy as np

from ..analysis.table import Column, Floats, Integers, Truths
from .units import axis_label, label, labels

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Side = Literal["x", "y"]
FEWEST_TICKS, MOST_TICKS = 3, 7
"""Along the whole width of a figure; narrow axes ask for fewer."""
MOST_NAMES, LETTERS = 5, 9
"""Names of choices, and letters of them side by side, in the room of a tick."""
MARGIN = 0.04
FENCE = 3.0
"""Quartile ranges beyond the quartiles: Tukey's outer fences."""
MOST_OUTSIDE = 0.1
"""Share of the values that may be outliers; two may be in any case."""
WIDEST = 50.0
"""How many times as wide as the bulk an axis may be made for others."""


def along(axes: "Axes", side: Side, column: Column, most: int = MOST_TICKS) -> None:
    """Set one side of the axes up for a parameter, over its whole range."""
    axis = axes.xaxis if side == "x" else axes.yaxis
    axis.set_label_text(label(column.name))
    if column.choices is not None:
        _choices_along(axes, side, column, most)
        return
    low, high = column.low, column.high
    if not low < high:
        low, high = (low / 2, low * 2) if column.log else (low - 1, low + 1)
    if column.log:
        log_axis(axes, side, low, high, most)
    else:
        # A bar around a single value is a step wide.
        margin = max(MARGIN * (high - low), 0.6 * (column.step or column.integer or 0.0))
        _set_limits(axes, side, low - margin, high + margin)
        ticks = linear_ticks(column, most)
        axis.set_ticks(ticks, [tick_label(tick) for tick in ticks])


def _choices_along(axes: "Axes", side: Side, column: Column, most: int) -> None:
    """A name for each choice: smaller and aslant where they are many or long, and of very many only some."""
    names = labels(column.names, 14)
    every = ceil(len(names) / (MOST_NAMES * most))
    axis = axes.xaxis if side == "x" else axes.yaxis
    _set_limits(axes, side, -0.6, len(names) - 0.4)
    axis.set_ticks(range(0, len(names), every), names[::every])
    if every > 1:
        axis.set_label_text(f"{label(column.name)} (one in {every} named)")
    if len(names) > 2 * most:
        axes.tick_params(axis=side, labelsize=8)
    if side == "x" and sum(len(name) + 2 for name in names[::every]) > LETTERS * most:
        axes.tick_params(axis="x", rotation=40)
        for text in axis.get_ticklabels():
            text.set(ha="right", rotation_mode="anchor")


def linear_ticks(column: Column, most: int = MOST_TICKS) -> list[float]:
    """Each value that a parameter can have, where they are few, else round numbers within its range."""
    if (values := single_values(column, most)) is not None:
        return values
    return _even(column.low, column.high, most) if column.low < column.high else [column.low]


def single_values(column: Column, most: int = MOST_TICKS) -> list[float] | None:
    """The values that a parameter of whole numbers or steps can have; None where they are more than there may be ticks."""
    if not column.integer and column.step is None:
        return None
    step = column.step or 1.0
    last = round((column.high - column.low) / step)
    return [column.low + step * place for place in range(last + 1)] if last < most else None


def log_axis(axes: "Axes", side: Side, low: float, high: float, most: int = MOST_TICKS) -> None:
    """A logarithmic scale with a margin and plain numbers: 0.01, 0.1, not powers."""
    from matplotlib.ticker import NullLocator

    axis = axes.xaxis if side == "x" else axes.yaxis
    (axes.set_xscale if side == "x" else axes.set_yscale)("log")
    factor = (high / low) ** MARGIN
    _set_limits(axes, side, low / factor, high * factor)
    ticks = log_ticks(low / factor, high * factor, most)
    axis.set_ticks(ticks, [tick_label(tick) for tick in ticks])
    axis.set_minor_locator(NullLocator())


def log_ticks(low: float, high: float, most: int = MOST_TICKS) -> list[float]:
    """Round numbers on a logarithmic scale: powers of ten, with twos and fives between them where the range is short.

    In a range of less than a factor of about two, numbers at equal distances.
    """
    decades = range(floor(log10(low)) - 1, ceil(log10(high)) + 1)
    for steps in ((1,), (1, 3), (1, 2, 5), (1, 1.5, 2, 3, 5, 7)):
        ticks = [round(step * 10.0**decade, 12 - decade) for decade in decades for step in steps]
        inside = [tick for tick in ticks if low <= tick <= high]
        if len(inside) >= FEWEST_TICKS:
            return inside[:: ceil(len(inside) / most)]
    tries = (_even(low, high, bins) for bins in range(2, 3 * most))
    return next((ticks for ticks in tries if FEWEST_TICKS <= len(ticks) <= most), [low, high])


def _even(low: float, high: float, bins: int) -> list[float]:
    """Round numbers at equal distances, those within the range."""
    from matplotlib.ticker import MaxNLocator

    if not isfinite(high - low):
        return [low, high]
    # Rounded as far as ticks are apart: 0.30000000000000004 is 0.3.
    digits = 2 - floor(log10(high - low))
    ticks = [round(float(tick), digits) for tick in MaxNLocator(bins, steps=[1, 2, 5, 10]).tick_values(low, high)]
    return [tick for tick in ticks if low <= tick <= high]


def whole_numbers(axes: "Axes", side: Side, most: int = 10) -> None:
    """Ticks at whole numbers alone, as for trials, epochs and steps."""
    from matplotlib.ticker import MaxNLocator

    axis = axes.xaxis if side == "x" else axes.yaxis
    axis.set_major_locator(MaxNLocator(most, integer=True, steps=[1, 2, 5, 10]))


def tick_label(value: float) -> str:
    """A number as it is usually written: 0.001, 1e-5, 20000."""
    if value and not 1e-3 <= abs(value) < 1e5:
        mantissa, _, exponent = f"{value:.3e}".partition("e")
        return f"{float(mantissa):g}e{int(exponent)}"
    return f"{value:g}"


def _set_limits(axes: "Axes", side: Side, low: float, high: float) -> None:
    (axes.set_xlim if side == "x" else axes.set_ylim)(low, high)


def metric_axis(axes: "Axes", side: Side, metric: str, limits: tuple[float, float] | None, *, log: bool = False) -> None:
    """Set one side up for a metric whose values are given in the unit that is shown."""
    (axes.xaxis if side == "x" else axes.yaxis).set_label_text(axis_label(metric))
    if limits is None:
        return
    if log:
        log_axis(axes, side, *limits)
    _set_limits(axes, side, *limits)


def robust(values: Floats, groups: Sequence[Truths] = (), widest: float = WIDEST) -> tuple[float, float] | None:
    """Limits that hold all finite values but a few far out (Tukey, 1977); None when there are none.

    More than a tenth of the values, or all those of one of the groups, are no outliers: they are held as well, as long as the
    axis is at most `widest` times as long as without them.
    """
    known = np.isfinite(values)
    finite = values[known]
    if not finite.size:
        return None
    low, high = _fences(finite)
    inside = known & (values >= low) & (values <= high)
    inside = inside if 2 * inside.sum() >= known.sum() else known
    apart = [group & known for group in groups if (group & known).any() and not (group & inside).any()]
    if many(known & ~inside, known):
        apart.append(known)
    ends = float(values[inside].min()), float(values[inside].max())
    for group in apart:
        wider = min(ends[0], float(values[group].min())), max(ends[1], float(values[group].max()))
        if wider[1] - wider[0] <= widest * max(ends[1] - ends[0], 0.1 * abs(ends[1])):
            ends = wider
    pad = MARGIN * (ends[1] - ends[0]) or 0.05 * max(abs(ends[1]), 1e-6)
    return ends[0] - pad, ends[1] + pad


def many(outside: Truths, known: Truths) -> bool:
    """Whether so many lie outside that they are no outliers."""
    return bool(outside.sum() > max(2, MOST_OUTSIDE * known.sum()))


def _fences(finite: Floats) -> tuple[float, float]:
    """Outer fences, from quartiles that are values themselves: one between two values may lie far from both."""
    first, third = np.quantile(finite, 0.25, method="higher"), np.quantile(finite, 0.75, method="lower")
    middle = float(np.median(finite))
    low, high = min(first, third, middle), max(first, third, middle)
    reach = FENCE * (high - low) or FENCE * abs(middle) or np.inf
    return float(low - reach), float(high + reach)


def beyond(values: Floats, limits: tuple[float, float] | None) -> int:
    """Finite values outside the limits."""
    return 0 if limits is None else int(((values < limits[0]) | (values > limits[1])).sum())


def onto(values: Floats, limits: tuple[float, float] | None) -> Floats:
    """Values with those outside the limits moved to the nearer one; NaN stays."""
    return values if limits is None else np.clip(values, *limits)


def spread_out(column: Column, values: Floats, numbers: Integers) -> Floats:
    """Positions along a parameter; trials with the same of a few values are set a little apart, so that each shows."""
    # The golden ratio fills any interval evenly, whichever numbers come.
    return np.asarray(values + room(column) * ((numbers * 0.6180339887) % 1.0 - 0.5))


def room(column: Column) -> float:
    """How wide the trials of one value are set apart: half a step where there are few values, else not at all."""
    few = column.choices is not None or (not column.log and single_values(column) is not None)
    return 0.5 * (column.step or 1.0) if few else 0.0
