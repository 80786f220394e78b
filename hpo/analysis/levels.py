"""The values of a parameter in a few groups, and what those are called."""

import numpy as np

from .table import Column, Floats, Integers

PER_BIN = 5


def bins(values: Floats, column: Column, most: int) -> tuple[Integers, int]:
    """For each value the level that it belongs to, and how many levels there are: up to `most`, or one for each choice."""
    distinct, place = np.unique(values, return_inverse=True)
    if len(distinct) <= most or not column.numeric:
        return place.astype(np.int64), len(distinct)
    count = max(2, min(most, len(values) // PER_BIN))
    edges = np.unique(np.quantile(values, np.linspace(0, 1, count + 1)[1:-1]))
    kept, place = np.unique(np.searchsorted(edges, values, side="left"), return_inverse=True)
    return place.astype(np.int64), len(kept)


def label(column: Column, low: float, high: float) -> str:
    """What a level is called: a choice, a value or a range."""
    if column.choices is not None:
        return column.names[int(low)]
    return f"{low:.3g}" if low == high else f"{low:.3g} to {high:.3g}"
