"""How far the value of one network wanders when nothing but its seed changes."""

from typing import Literal, NamedTuple

import numpy as np

from .metrics import replicates
from .posterior import posterior
from .table import Floats, Table, Unanswered


class Noise(NamedTuple):
    """Standard deviation of the objective between networks at one and the same point."""

    deviation: float
    low: float
    high: float
    """95 % interval."""
    source: Literal["replicates", "surface"]
    """replicates: several networks at a point. surface: scatter about the model of the study."""
    runs: int
    points: int


def noise(table: Table, objective: int = 0) -> Noise | Unanswered:
    """Noise from replicates and repeated points, pooled over points; without any, from the model of the study."""
    groups = _groups(table, objective)
    free = sum(len(group) - 1 for group in groups)
    return _pooled(groups, free) if free else _from_model(table, objective)


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


def _from_model(table: Table, objective: int) -> Noise | Unanswered:
    found = posterior(table, objective)
    if isinstance(found, Unanswered):
        return Unanswered(f"no point was trained twice, and {found.reason}")
    low, middle, high = np.quantile(found.noise, [0.025, 0.5, 0.975])
    return Noise(float(middle), float(low), float(high), "surface", found.completed, found.completed)
