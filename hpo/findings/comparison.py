"""Means of groups set against each other, stage by stage.

The stages of a study differ in their boxes and budgets: later trials are better whatever a parameter does, and lie where earlier
ones were good. Taken together, 50 trials in three narrowing boxes show a trend along a parameter without effect in 24 % of the
studies (300 studies, at 5 %); so trials are only ever compared with trials of their own stage.
"""

from collections.abc import Sequence

import numpy as np

from ..analysis.table import Floats, Table
from . import contrast, hodges_lehmann, proportions
from .estimate import Estimate
from .finding import Undecidable
from .samples import Sample, binary


def compare(table: Table, samples: Sequence[Sample], signs: Sequence[float], seed: int, together: int = 1) -> Estimate:
    """The signed sum of the groups' means, over the stages in which every group has at least two units.

    A stage's weight is what its group sizes allow to know. `together`: how many such intervals are to hold at once.
    """
    groups, weights = _by_stage(table, samples, signs)
    if binary(*samples):
        return proportions.weighted(groups, weights)
    if len(groups) == 2 and together == 1:
        return contrast.difference(groups[0], groups[1], seed)
    return contrast.contrast(groups, weights, together)


def typical(table: Table, first: Sample, second: Sample, seed: int) -> Estimate:
    """Hodges and Lehmann's difference of two groups, the median of each stage taken away first (aligned as by them, 1962)."""
    stages = np.concatenate([table.stages[first.rows], table.stages[second.rows]])
    values = np.concatenate([first.values, second.values])
    for stage in np.unique(stages):
        values[stages == stage] -= np.median(values[stages == stage])
    return hodges_lehmann.shift(values[: len(first.values)], values[len(first.values) :], seed)


def _by_stage(table: Table, samples: Sequence[Sample], signs: Sequence[float]) -> tuple[list[Floats], list[float]]:
    """Groups of one stage each, and the weights of their means."""
    parts = [_parts(table, samples, stage) for stage in _stages(table, samples)]
    whole = [part for part in parts if min(map(len, part)) >= 2]
    if not whole:
        raise Undecidable(
            "no stage has two units of every group, and trials of different stages cannot be compared", _count(samples)
        )
    shares = np.array([1 / sum(1 / len(group) for group in part) for part in whole])
    groups = [group for part in whole for group in part]
    return groups, [float(sign * share) for share in shares / shares.sum() for sign in signs]


def _stages(table: Table, samples: Sequence[Sample]) -> list[str]:
    return sorted({str(stage) for one in samples for stage in np.unique(table.stages[one.rows])})


def _parts(table: Table, samples: Sequence[Sample], stage: str) -> list[Floats]:
    return [one.values[table.stages[one.rows] == stage] for one in samples]


def _count(samples: Sequence[Sample]) -> int:
    return sum(len(one.values) for one in samples)
