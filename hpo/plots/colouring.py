"""Colours of lines by the value of a parameter or of the objective, with the key that explains them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..analysis.table import Column, Floats
from .marks import legend_beside
from .palette import GREY, PARAMETER, series
from .scales import log_ticks, tick_label
from .units import label, labels

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import Normalize


class Colouring(NamedTuple):
    """What decides the colours."""

    label: str
    values: Floats
    """By thing to be coloured; NaN: grey."""
    low: float
    high: float
    log: bool = False
    choices: tuple[str, ...] = ()
    colours: str = PARAMETER


def by_parameter(column: Column, rows: Sequence[int]) -> Colouring:
    """Over the values of a parameter in some rows, or a colour for each choice."""
    choices = tuple(labels(column.names, 16))
    values = column.values[list(rows)]
    present = values[np.isfinite(values)]
    low, high = (float(present.min()), float(present.max())) if present.size else (column.low, column.high)
    return Colouring(label(column.name), column.values, low, high, column.log, choices)


def colours(colouring: Colouring, rows: Sequence[int]) -> list[str]:
    """A colour for each of the rows."""
    import matplotlib as mpl
    from matplotlib.colors import to_hex

    values = colouring.values[list(rows)]
    if colouring.choices:
        return [GREY if np.isnan(one) else series(int(one)) for one in values]
    shades = mpl.colormaps[colouring.colours](_norm(colouring)(np.nan_to_num(values, nan=colouring.low)))
    return [GREY if np.isnan(one) else to_hex(shade) for one, shade in zip(values, shades, strict=True)]


def _norm(colouring: Colouring) -> "Normalize":
    from matplotlib.colors import LogNorm, Normalize

    low, high = colouring.low, colouring.high
    if colouring.log:
        return LogNorm(low, high if high > low else 2 * low, clip=True)
    return Normalize(low, high if high > low else low + 1, clip=True)


def key(plot: "Axes", colouring: Colouring) -> None:
    """A colour bar beside the axes, or a legend of the choices."""
    from matplotlib.cm import ScalarMappable
    from matplotlib.lines import Line2D

    if colouring.choices:
        handles = [Line2D([], [], color=series(place), linewidth=3, label=name) for place, name in enumerate(colouring.choices)]
        legend_beside(plot, handles=handles, title=colouring.label)
        return
    bar = plot.figure.colorbar(ScalarMappable(_norm(colouring), colouring.colours), ax=plot, pad=0.02, shrink=0.95)
    bar.set_label(colouring.label)
    if colouring.log:
        ticks = log_ticks(colouring.low, colouring.high)
        bar.set_ticks(ticks, labels=[tick_label(tick) for tick in ticks])
        bar.minorticks_off()
