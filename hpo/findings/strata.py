"""Which trials may be compared with each other.

The stages of a study differ in their boxes and budgets: later trials are better whatever a parameter does, and lie where earlier
ones were good. Taken together, 50 trials in three narrowing boxes show a trend along a parameter without effect in 24 % of the
studies (300 studies, at 5 %). So trials are compared with trials of their own stage, except where stages cannot matter.
The same holds for a sampler that learns, from trial to trial (hpo.analysis.comparable).
"""

from collections.abc import Collection

import numpy as np

from ..analysis.comparable import neighbours
from ..analysis.table import Integers, Table, Texts


def strata(table: Table, rows: Integers, named: Collection[str]) -> Texts:
    """A label for each row; rows with different labels are not compared.

    The stage, and a part of it where the sampler may have learnt; or, where no parameter varies but those that the claim names,
    how long the network was trained: then nothing else tells stages apart.
    """
    stages = table.stages[rows]
    others = [column for column in table.parameters if column.name not in named]
    if not all(column.take(rows).constant for column in others):
        return neighbours(table)[rows]
    if len(np.unique(stages)) <= 1:
        return stages
    lengths = {stage: _length(table, str(stage)) for stage in np.unique(stages)}
    return np.array([lengths[stage] for stage in stages], dtype=np.str_)


def _length(table: Table, stage: str) -> str:
    """How long the completed trials of a stage were trained; its name where that is not known."""
    rows = np.flatnonzero((table.stages == stage) & table.completed)
    ends = [curves[0].at[-1] for row in rows if (curves := table.curves(int(row)))]
    return f"{max(ends):g}" if ends else stage
