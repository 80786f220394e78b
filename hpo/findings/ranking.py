"""Which trials are the best, those included that were given up on the way."""

import numpy as np

from ..analysis.metrics import better_when_higher
from ..analysis.table import Floats, Table
from .runs import means


def ranking(table: Table, metric: str) -> Floats:
    """For each trial a number that is higher the better it did; minus infinity where nothing tells.

    Completed trials by their value; below them the pruned ones, by how long they lasted and then by the metric where they ended:
    a pruner that lets the better ones go on has ranked them so. Diverged trials and errors come last.
    """
    sign = 1.0 if better_when_higher(table, metric) else -1.0
    values = np.where(table.completed, sign * means(table, metric), np.nan)
    lengths = np.where(np.isfinite(values), np.inf, -np.inf)
    for row in np.flatnonzero(table.outcomes == "pruned"):
        lengths[row], values[row] = _end(table, int(row), metric.partition("@")[0], sign)
    known = np.isfinite(values)
    places = np.full(len(table), -np.inf)
    order = np.lexsort((values[known], lengths[known]))
    places[np.flatnonzero(known)[order]] = np.arange(int(known.sum()))
    return places


def _end(table: Table, row: int, metric: str, sign: float) -> tuple[float, float]:
    """How long a trial lasted, and its metric there, the mean of its replicates."""
    ends = [(curve.at[-1], curve.metrics[metric][-1]) for curve in table.curves(row) if metric in curve.metrics and curve.at.size]
    if not ends:
        return -np.inf, np.nan
    length, value = np.mean(ends, axis=0)
    return float(length), sign * float(value)
