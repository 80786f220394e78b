"""How far the value of one network wanders when nothing but its seed changes."""

from typing import Literal, NamedTuple

import numpy as np

from .metrics import replicates
from .sampling import at_most, tamed
from .table import Floats, Table, Unanswered

MOST_TRIALS = 200
FEWEST_TRIALS = 10


class Noise(NamedTuple):
    """Standard deviation of the objective between networks at one and the same point."""

    deviation: float
    low: float
    high: float
    """95 % interval; NaN when the noise was read off a surface."""
    source: Literal["replicates", "surface"]
    """replicates: several networks at a point. surface: scatter about a smooth surface, which noise cannot exceed by much."""
    runs: int
    points: int


def noise(table: Table, objective: int = 0) -> Noise | Unanswered:
    """Noise from replicates and repeated points, pooled over points; without any, from a Gaussian process over all parameters."""
    groups = _groups(table, objective)
    free = sum(len(group) - 1 for group in groups)
    return _pooled(groups, free) if free else _from_surface(table, objective)


def _groups(table: Table, objective: int) -> list[Floats]:
    runs = replicates(table, table.metrics[objective])
    present = np.isfinite(runs) & table.completed[:, None]
    points = np.broadcast_to(table.points_of_stages[:, None], runs.shape)[present]
    order = np.argsort(points, kind="stable")
    starts = np.flatnonzero(np.diff(points[order]))
    return [group for group in np.split(runs[present][order], starts + 1) if len(group) > 1]


def _pooled(groups: list[Floats], free: int) -> Noise:
    """Pooled variance, with the interval of its chi-square distribution."""
    from scipy.special import chdtri

    squares = sum(float(((group - group.mean()) ** 2).sum()) for group in groups)
    low, high = (float(np.sqrt(squares / chdtri(free, tail))) for tail in (0.025, 0.975))
    return Noise(float(np.sqrt(squares / free)), low, high, "replicates", sum(map(len, groups)), len(groups))


def _from_surface(table: Table, objective: int) -> Noise | Unanswered:
    from .surface import fit, noise_of, unit

    finished = at_most(table.take(table.completed), MOST_TRIALS, "noise")
    columns = [c for c in finished.parameters if c.numeric and not c.constant and not np.isnan(c.values).any()]
    if len(finished) < max(FEWEST_TRIALS, 5 * len(columns)) or not columns:
        return Unanswered("no point was trained twice, and the trials are too few to see noise in how they scatter")
    scores = tamed(finished.values[:, objective])
    if np.ptp(scores) == 0:
        return Unanswered("no point was trained twice, and all completed trials have the same value")
    process = fit(np.column_stack([unit(column, column.values) for column in columns]), scores, table.seed % 2**32)
    return Noise(noise_of(process), np.nan, np.nan, "surface", len(finished), len(finished))
