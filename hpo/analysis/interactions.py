"""Pairs of parameters whose effects do not simply add up."""

from itertools import combinations
from typing import NamedTuple

import numpy as np

from .levels import bins, label
from .sampling import tamed
from .table import Column, Floats, Integers, Table, Truths, Unanswered

LEVELS = 3


class Interaction(NamedTuple):
    """What two parameters do together beyond the sum of what each does alone."""

    first: str
    second: str
    share: float
    """Of the variance of the objective, in [0, 1]."""
    p: float
    """Of the F test, one pair by itself."""
    means: Floats
    """Mean objective by (level of the first, level of the second), in the objective's units; NaN where no trial is."""
    first_levels: tuple[str, ...]
    second_levels: tuple[str, ...]
    trials: int


def interactions(table: Table, objective: int = 0) -> tuple[Interaction, ...] | Unanswered:
    """Every pair of parameters, the strongest interaction first."""
    finished = table.take(table.completed)
    columns = [column for column in finished.parameters if not column.constant]
    if len(columns) < 2:
        return Unanswered("an interaction needs two parameters that were varied")
    if len(finished) and np.ptp(finished.values[:, objective]) == 0:
        return Unanswered("all completed trials have the same value")
    found = [interaction(finished, first, second, objective) for first, second in combinations(columns, 2)]
    known = [one for one in found if one is not None]
    if not known:
        return Unanswered(f"{len(finished)} completed trials are too few to tell pairs of parameters apart")
    return tuple(sorted(known, key=lambda one: (one.p, -one.share)))


def interaction(finished: Table, first: Column, second: Column, objective: int = 0) -> Interaction | None:
    """Two-way analysis of variance over completed trials, each parameter in up to three levels; None for too few trials.

    F test of the cells against the additive model (Fisher, 1925; Searle, Linear Models, 1971, section 7.2 for unequal cells). The
    stages of a study, which differ in box and budget, are allowed a level of their own in both.
    """
    from scipy.special import fdtrc

    rows = ~(np.isnan(first.values) | np.isnan(second.values))
    if rows.sum() < 8:
        return None
    scores = tamed(finished.values[rows, objective])
    (a, n_a), (b, n_b) = _bins(first, rows), _bins(second, rows)
    cells, place = np.unique(a * n_b + b, return_inverse=True)
    stages = np.unique(finished.stages[rows], return_inverse=True)[1]
    additive, rank = _left_over([_marks(a), _marks(b), _marks(stages)], scores)
    within, whole_rank = _left_over([_marks(place), _marks(stages)], scores)
    between, free = whole_rank - rank, len(scores) - whole_rank
    if between < 1 or free < 4:
        return None
    total = float(((scores - scores.mean()) ** 2).sum())
    excess = max(additive - within, 0.0)
    p = float(fdtrc(between, free, excess / between / (within / free))) if within > 0 else (0.0 if excess > 0 else 1.0)
    means = np.full(n_a * n_b, np.nan)
    means[cells] = np.bincount(place, scores) / np.bincount(place)
    names = [tuple(_names(column, column.values[rows], at, n)) for column, at, n in ((first, a, n_a), (second, b, n_b))]
    return Interaction(
        first=first.name,
        second=second.name,
        share=excess / total if total else 0.0,
        p=p,
        means=means.reshape(n_a, n_b),
        first_levels=names[0],
        second_levels=names[1],
        trials=len(scores),
    )


def _bins(column: Column, rows: Truths) -> tuple[Integers, int]:
    return bins(column.values[rows], column, LEVELS)


def _marks(places: Integers) -> Floats:
    return np.eye(int(places.max()) + 1)[places]


def _left_over(blocks: list[Floats], scores: Floats) -> tuple[float, int]:
    """Residual sum of squares and rank of a least-squares fit."""
    design = np.concatenate(blocks, axis=1)
    solution, _, rank, _ = np.linalg.lstsq(design, scores, rcond=None)
    return float(((scores - design @ solution) ** 2).sum()), int(rank)


def _names(column: Column, values: Floats, place: Integers, count: int) -> list[str]:
    groups = [values[place == level] for level in range(count)]
    return [label(column, float(group.min()), float(group.max())) for group in groups]
