"""Differences between what agrees in everything but the one thing that a claim compares."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..analysis.table import Floats, Integers, Table, Truths
from .conditions import matching
from .finding import Undecidable
from .runs import runs
from .wording import counted


def of_metrics(table: Table, metric: str | None, against: str, where: Mapping[str, Any]) -> Floats:
    """One metric less another of the same networks; a value for each independent unit.

    Raises Undecidable for fewer than two units.
    """
    differences = runs(table, metric).values - runs(table, against).values
    return _enough(_by_unit(differences, table.points, matching(table, where)))


def of_groups(table: Table, metric: str | None, group: Mapping[str, Any], against: Mapping[str, Any]) -> Floats:
    """Group less other group, for each point of the other parameters that both have; a value for each independent unit.

    Replicates of one number are compared with each other: they may have seen the same images in the same order.
    Raises Undecidable for fewer than two units.
    """
    values = runs(table, metric).values
    rows, others = matching(table, group), matching(table, against)
    changed = {name for name in {*group, *against} if group.get(name) != against.get(name)}
    keys = _other_parameters(table, changed)
    shared = np.intersect1d(keys[rows], keys[others])
    differences = _block_means(values, keys, rows, shared) - _block_means(values, keys, others, shared)
    return _enough(_by_unit(differences, np.arange(len(shared)), np.ones(len(shared), dtype=np.bool_)))


def _enough(differences: Floats) -> Floats:
    n = len(differences)
    if n < 2:
        raise Undecidable(f"{counted(n, 'pair')} cannot show how much of a difference is chance", n, 3 - n)
    return differences


def _other_parameters(table: Table, without: set[str]) -> Integers:
    """For each trial the number of the point that its other parameters make."""
    columns = [np.nan_to_num(column.values, nan=np.inf) for column in table.parameters if column.name not in without]
    if not columns:
        return np.zeros(len(table), dtype=np.int64)
    return np.unique(np.column_stack(columns), axis=0, return_inverse=True)[1].reshape(-1).astype(np.int64)


def _block_means(values: Floats, keys: Integers, rows: Truths, shared: Integers) -> Floats:
    """(blocks, replicates): the mean of the trials of each block, replicate by replicate."""
    found = np.full((len(shared), values.shape[1]), np.nan)
    for place, key in enumerate(shared):
        block = values[rows & (keys == key)]
        known = np.isfinite(block)
        with np.errstate(invalid="ignore"):
            found[place] = np.where(known, block, 0.0).sum(axis=0) / known.sum(axis=0)
    return found


def _by_unit(differences: Floats, points: Integers, rows: Truths) -> Floats:
    """Replicates one by one where there is a single point, else the mean of each point."""
    known = np.isfinite(differences) & rows[:, None]
    if len(np.unique(points[known.any(axis=1)])) <= 1:
        return differences[known]
    index = np.unique(np.broadcast_to(points[:, None], known.shape)[known], return_inverse=True)[1]
    return np.bincount(index, differences[known]) / np.bincount(index)
