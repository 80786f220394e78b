"""What giving up early has saved, and where trials left."""

from typing import Literal, NamedTuple

import numpy as np

from .table import Floats, Integers, Table, Texts, Unanswered


class Rung(NamedTuple):
    """One place (an epoch, or a step of a study made elsewhere) at which trials ended."""

    at: float
    reached: int
    """Trials that trained at least so far."""
    pruned: int
    diverged: int
    completed: int


class Pruning(NamedTuple):
    """The budget that was spent, against the one that full training of every trial would have taken."""

    spent: float
    """Epochs (or steps) over all networks."""
    full: float
    saved: float
    """Share of the full budget, in [0, 1]."""
    axis: Literal["epoch", "step"]
    rungs: tuple[Rung, ...]
    trials: int


class _Ends(NamedTuple):
    at: Floats
    networks: Integers
    outcomes: Texts
    stages: Texts
    axis: Literal["epoch", "step"]
    begin: float
    """The earliest place at which anything was reported."""


def pruning(table: Table) -> Pruning | Unanswered:
    """Compute saved by pruning and by stopping what diverged.

    A completed trial's full length is its own. Any other's is that of the longest completed one of its stage, for stages
    differ in their budgets; of the study where none of its stage completed.
    """
    ends = _ends(table)
    if ends is None or not (ends.outcomes == "completed").any():
        return Unanswered("no completed trial has reported its progress")
    # Steps of a study made elsewhere often begin at 0: then the first report stands for one step.
    offset = 1.0 if ends.begin == 0 else 0.0
    spent, budget = (float((length + offset) @ ends.networks) for length in (ends.at, _full(ends)))
    return Pruning(spent, budget, max(0.0, 1.0 - spent / budget), ends.axis, _rungs(ends), len(ends.at))


def _full(ends: _Ends) -> Floats:
    """The length of a trial that is trained to its end, by trial."""
    completed = ends.outcomes == "completed"
    full = np.full(len(ends.at), ends.at[completed].max())
    for stage in np.unique(ends.stages[completed]):
        full[ends.stages == stage] = ends.at[completed & (ends.stages == stage)].max()
    return np.where(completed, ends.at, full)


def _ends(table: Table) -> _Ends | None:
    found = [(row, curves) for row in np.flatnonzero(table.settled) if (curves := table.curves(int(row)))]
    if not found:
        return None
    rows = np.array([row for row, _ in found])
    at = np.array([max(curve.at[-1] for curve in curves) for _, curves in found])
    begin = min(float(curve.at[0]) for _, curves in found for curve in curves)
    networks = np.array([len(curves) for _, curves in found])
    return _Ends(at, networks, table.outcomes[rows], table.stages[rows], found[0][1][0].axis, begin)


def _rungs(ends: _Ends) -> tuple[Rung, ...]:
    places, place_of = np.unique(ends.at, return_inverse=True)
    counts = {
        outcome: np.bincount(place_of[ends.outcomes == outcome], minlength=len(places))
        for outcome in ("pruned", "diverged", "completed")
    }
    reached = len(ends.at) - np.searchsorted(np.sort(ends.at), places)
    return tuple(
        Rung(float(place), int(reached[i]), *(int(counts[outcome][i]) for outcome in ("pruned", "diverged", "completed")))
        for i, place in enumerate(places)
    )
