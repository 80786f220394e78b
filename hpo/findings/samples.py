"""The independent values that a test rests on, out of the trials that a claim speaks of."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from ..analysis.table import Floats, Integers, Table, Truths
from .conditions import matching, worded
from .finding import Undecidable
from .runs import Runs
from .wording import counted


class Sample(NamedTuple):
    """One value for each independent unit of a group."""

    values: Floats
    rows: Integers
    """A trial of each unit."""
    unit: str
    """`network` where each counts by itself and a trial has several, else `trial`."""
    diverged: int
    """Networks that count as the worst value."""

    @property
    def size(self) -> str:
        """How many there are, in words."""
        return counted(len(self.values), self.unit)


def sample(table: Table, of: Runs, where: Mapping[str, Any]) -> Sample:
    """The units among the trials for which the conditions hold. Raises Undecidable when there are none."""
    rows = matching(table, where)
    found = units(table, of, rows)
    if found.values.size == 0:
        raise Undecidable(f"no trial with {worded(where)} has a value")
    return found


def units(table: Table, of: Runs, rows: Truths, apart: bool = False) -> Sample:
    """Networks at one point differ by chance alone and are independent; networks at several points share their point's value.

    So the unit is the network where there is one point, or where the caller knows that points share nothing else (`apart`); it is
    the point, with the mean of its networks, everywhere else.
    """
    known = np.isfinite(of.values) & rows[:, None]
    diverged = int(known[of.diverged].sum())
    row = np.nonzero(known)[0]
    points, first, place = np.unique(table.points_of_stages[row], return_index=True, return_inverse=True)
    if apart or len(points) <= 1:
        return Sample(of.values[known], row, "network" if known.sum(axis=1).max(initial=0) > 1 else "trial", diverged)
    means = np.bincount(place, of.values[known]) / np.bincount(place)
    return Sample(means, row[first], "trial", diverged)


def enough(sample: Sample, name: str, least: int = 2) -> None:
    """Raises Undecidable when a group has fewer units than its noise can be told from."""
    if len(sample.values) < least:
        raise Undecidable(
            f"{sample.size} with {name} cannot show how much of a difference is chance",
            len(sample.values),
            least + 1 - len(sample.values),
        )


def binary(*samples: Sample) -> bool:
    """Whether the values are zeros and ones, and so shares are compared rather than means."""
    return all(bool(np.isin(one.values, (0.0, 1.0)).all()) for one in samples)


def notes(*samples: Sample) -> tuple[str, ...]:
    """What was done with trials that have no value."""
    diverged = sum(one.diverged for one in samples)
    return (f"{counted(diverged, 'diverged network')} counted as the worst completed value",) if diverged else ()
