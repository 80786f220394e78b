"""Trials that no other trial beats in every objective."""

from typing import NamedTuple

import numpy as np

from .table import Floats, Integers, Table, Unanswered


class Front(NamedTuple):
    """The trials that are not dominated, by rising value of the first objective."""

    numbers: Integers
    values: Floats
    """(trials of the front, objectives)"""
    metrics: tuple[str, ...]


def front(table: Table) -> Front | Unanswered:
    """The Pareto front of the completed trials. Of trials with equal values all are on it."""
    if len(table.metrics) < 2:
        return Unanswered("a front needs several objectives, and this study has one")
    if not (table.completed & table.feasible).any():
        return Unanswered("no trial has completed")
    finished = table.take(table.completed & table.feasible)
    scores = np.where(table.maximise, 1.0, -1.0) * finished.values
    # Best sums first: most of the others are dominated by the first few, so that the loop is short.
    left = np.argsort(-scores.sum(axis=1), kind="stable")
    kept: list[int] = []
    while left.size:
        first = left[0]
        kept += [int(row) for row in left if (scores[row] == scores[first]).all()]
        left = left[(scores[left] > scores[first]).any(axis=1)]
    rows = np.array(sorted(kept, key=lambda row: tuple(finished.values[row])))
    return Front(finished.numbers[rows], finished.values[rows], table.metrics)
