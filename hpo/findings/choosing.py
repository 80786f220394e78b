"""Ranks that can be tested: some networks of each trial choose, the others are looked at.

Of trials that are all alike, the best by some networks is best because these had luck. The same networks then show a difference
that is not there: of pure noise, "the best five beat the next five" came out as supported in every study.
"""

from dataclasses import replace

import numpy as np

from ..analysis.metrics import replicates
from ..analysis.table import Column, Curve, Table
from .finding import Undecidable

CHOSEN_BY = "(what ranks)"
"""Column with the value by which a trial ranks, of networks that no test looks at; higher is better."""
CHOSEN = (
    "ranks are chosen by the very values that the claim tests, and luck makes the best look better than the rest; with"
    " search.replicates of 2 or more, half of a trial's networks choose and the others test (3 or more for a single trial), and"
    " `hpo study confirm` trains the best on fresh seeds"
)


def halved(table: Table) -> Table:
    """The trials without the first half of their networks, by whose mean they rank. Raises UsageError as `replicates` does.

    Raises Undecidable where no trial has two networks.
    """
    values = replicates(table, table.metric)
    half = np.isfinite(values).sum(axis=1) // 2
    if not half.any():
        raise Undecidable(CHOSEN)
    chooses = np.arange(values.shape[1]) < half[:, None]
    sign = 1.0 if table.maximise[0] else -1.0
    with np.errstate(invalid="ignore", divide="ignore"):
        chosen, tested = (np.where(part & np.isfinite(values), values, 0.0).sum(axis=1) for part in (chooses, ~chooses))
        score = sign * chosen / half
        left = tested / (np.isfinite(values).sum(axis=1) - half)

    def _later(row: int) -> tuple[Curve, ...]:
        curves = table.curves_of(row)
        return curves[len(curves) // 2 :]

    column = Column(CHOSEN_BY, score, -np.inf, np.inf, derived=True)
    rest = replace(table, values=np.column_stack([left, table.values[:, 1:]]), curves_of=_later)
    return rest.with_columns([column])
