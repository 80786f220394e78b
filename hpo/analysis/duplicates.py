"""Trials at one and the same point."""

from typing import NamedTuple

import numpy as np

from .table import Table


class Duplicates(NamedTuple):
    """Points that were tried more than once."""

    groups: tuple[tuple[int, ...], ...]
    """Trial numbers by point, each group in rising order."""
    repeated: int
    """Trials beyond the first at their point."""
    trials: int


def duplicates(table: Table) -> Duplicates:
    """Groups of trials with equal parameters, by their first trial."""
    order = np.lexsort((table.numbers, table.points))
    starts = np.flatnonzero(np.diff(table.points[order], prepend=-1))
    groups = sorted(
        tuple(int(number) for number in group) for group in np.split(table.numbers[order], starts[1:]) if len(group) > 1
    )
    return Duplicates(tuple(groups), sum(len(group) - 1 for group in groups), len(table))
