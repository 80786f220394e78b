"""What pruned trials would have come to, had they been trained to the end."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from .sampling import some
from .table import Curve, Floats, Integers, Table

FEWEST = 3
"""Completed trials that a gain is read off."""
MOST_TRIALS = 250
"""Curves that are read of each kind."""


class Forward(NamedTuple):
    """Pruned trials with an estimate of their final value; arrays run over trials."""

    rows: Integers
    values: Floats
    """Of the objective, in its own units."""
    deviations: Floats
    """Standard deviation of each estimate."""


def carried_forward(table: Table, objective: int = 0) -> Forward:
    """The last value of each pruned trial, and what the completed ones still gained from that epoch (or step) on.

    The gain is the median of the completed ones', its standard deviation the estimate's. It is read off those that went on, which
    were ahead, partly by luck; so it is rather too small than too large. Nothing is carried forward where fewer than three
    completed trials have reported at that place, or where what trials report is not what they are judged by.
    """
    metric = table.metrics[objective]
    completed = some(np.flatnonzero(table.completed), MOST_TRIALS, table.seed, "carried forward from")
    whole = [(curve, value) for row in completed for curve, value in _judged(table, int(row), objective)]
    rows, values, deviations = [], [], []
    for row in some(np.flatnonzero(table.outcomes == "pruned"), MOST_TRIALS, table.seed, "carried forward"):
        curve = _mean(table.curves(int(row)), metric)
        if not curve:
            continue
        end = max(curve)
        gains = [value - known[end] for known, value in whole if end in known]
        if len(gains) >= FEWEST and np.isfinite(curve[end]):
            rows.append(int(row))
            values.append(curve[end] + float(np.median(gains)))
            deviations.append(float(np.std(gains, ddof=1)))
    return Forward(np.array(rows, dtype=np.int64), np.array(values, dtype=np.float64), np.array(deviations, dtype=np.float64))


def _judged(table: Table, row: int, objective: int) -> Iterator[tuple[dict[float, float], float]]:
    """A completed trial's curve and the value that it is judged by, where the curve has it."""
    curve, value = _mean(table.curves(row), table.metrics[objective]), float(table.values[row, objective])
    if np.isclose(list(curve.values()), value, rtol=1e-6, atol=1e-9).any():
        yield curve, value


def _mean(curves: tuple[Curve, ...], metric: str) -> dict[float, float]:
    """By epoch (or step) the mean of the networks, as far as all of them came."""
    known = [(curve.at.tolist(), curve.metrics[metric].tolist()) for curve in curves if metric in curve.metrics]
    found = [dict(zip(at, values, strict=True)) for at, values in known]
    shared = set.intersection(*map(set, found)) if found else set()
    return {place: float(np.mean([one[place] for one in found])) for place in shared}
