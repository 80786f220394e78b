"""Axes along a parameter or a metric: the right scale, plain ticks, and limits that a few wild values do not stretch."""

from math import ceil, floor, log10
from typing import TYPE_CHECKING, Literal

import numpy as np

from ..analysis.table import Column, Floats, Integers
from .units import axis_label, label

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Side = Literal["x", "y"]
FEWEST_TICKS, MOST_TICKS = 3, 7
"""Along the whole width of a figure; narrow axes ask for fewer."""
MARGIN = 0.04
FENCE = 3.0
"""Quartile ranges beyond the quartiles: Tukey's outer fences."""


def along(axes: "Axes", side: Side, column: Column, most: int = MOST_TICKS) -> None:
    """Set one side of the axes up for a parameter, over its whole range."""
    axis = axes.xaxis if side == "x" else axes.yaxis
    axis.set_label_text(label(column.name))
    if column.choices is not None:
        _set_limits(axes, side, -0.6, len(column.choices) - 0.4)
        axis.set_ticks(range(len(column.choices)), [label(str(choice), 14) for choice in column.choices])
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
        _linear_ticks(axes, side, column, most)


def _linear_ticks(axes: "Axes", side: Side, column: Column, most: int) -> None:
    from matplotlib.ticker import MaxNLocator

    axis = axes.xaxis if side == "x" else axes.yaxis
    values = _single_values(column, most)
    if values is None:
        axis.set_major_locator(MaxNLocator(most, integer=column.integer, steps=[1, 2, 5, 10]))
    else:
        axis.set_ticks(values)


def _single_values(column: Column, most: int) -> list[float] | None:
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
    """Round numbers on a logarithmic scale: powers of ten, with twos and fives between them where the range is short."""
    decades = range(floor(log10(low)) - 1, ceil(log10(high)) + 1)
    for steps in ((1,), (1, 3), (1, 2, 5), (1, 1.5, 2, 3, 5, 7), tuple(np.arange(10, 100) / 10)):
        ticks = [round(step * 10.0**decade, 12 - decade) for decade in decades for step in steps]
        inside = [tick for tick in ticks if low <= tick <= high]
        if len(inside) >= FEWEST_TICKS:
            return inside[:: ceil(len(inside) / most)]
    return [low, high]


def tick_label(value: float) -> str:
    """A number as it is usually written: 0.001, 1e-5, 20000."""
    if value and not 1e-3 <= abs(value) < 1e5:
        mantissa, _, exponent = f"{value:.3e}".partition("e")
        return f"{float(mantissa):g}e{int(exponent)}"
    return f"{value:g}"


def _set_limits(axes: "Axes", side: Side, low: float, high: float) -> None:
    (axes.set_xlim if side == "x" else axes.set_ylim)(low, high)


def metric_axis(axes: "Axes", side: Side, metric: str, limits: tuple[float, float] | None) -> None:
    """Set one side up for a metric whose values are given in the unit that is shown."""
    (axes.xaxis if side == "x" else axes.yaxis).set_label_text(axis_label(metric))
    if limits is not None:
        _set_limits(axes, side, *limits)


def robust(values: Floats) -> tuple[float, float] | None:
    """Limits that hold all finite values but those far out (Tukey, 1977); None when there are none."""
    finite = values[np.isfinite(values)]
    if not finite.size:
        return None
    first, third = np.quantile(finite, [0.25, 0.75])
    reach = FENCE * (third - first) or np.inf
    inside = finite[(finite >= first - reach) & (finite <= third + reach)]
    low, high = float(inside.min()), float(inside.max())
    pad = MARGIN * (high - low) or 0.05 * max(abs(high), 1e-6)
    return low - pad, high + pad


def beyond(values: Floats, limits: tuple[float, float] | None) -> int:
    """Finite values outside the limits."""
    return 0 if limits is None else int(((values < limits[0]) | (values > limits[1])).sum())


def onto(values: Floats, limits: tuple[float, float] | None) -> Floats:
    """Values with those outside the limits moved to the nearer one; NaN stays."""
    return values if limits is None else np.clip(values, *limits)


def spread_out(column: Column, values: Floats, numbers: Integers) -> Floats:
    """Positions along a parameter; trials with the same choice are set a little apart, by their numbers, so that they show."""
    if column.choices is None:
        return values
    # The golden ratio fills any interval evenly, whichever numbers come.
    return np.asarray(values + 0.5 * ((numbers * 0.6180339887) % 1.0 - 0.5))
