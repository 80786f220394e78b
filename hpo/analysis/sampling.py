"""Fewer trials for methods whose cost grows faster than their number, chosen by the study's seed alone."""

import numpy as np

from ..seeds import derive
from .table import Floats, Integers, Table


def at_most(table: Table, count: int, purpose: str) -> Table:
    """The table, or as many of its trials drawn at random, in their order. The result of an analysis says how many it used."""
    return table if len(table) <= count else table.take(some(np.arange(len(table)), count, table.seed, purpose))


def some(rows: Integers, count: int, seed: int, purpose: str) -> Integers:
    """The rows, or as many of them drawn at random, in their order."""
    if len(rows) <= count:
        return rows
    return np.sort(np.random.default_rng(derive(seed, purpose, count)).choice(rows, count, replace=False))


def tamed(scores: Floats, by: Floats | None = None) -> Floats:
    """Scores with the far tails drawn in to Tukey's outer fences, three quartile ranges beyond the quartiles of `by`.

    A handful of trials that learnt nothing would otherwise decide the fit of a surface everywhere. `by`: the scores themselves.
    """
    low, high = np.quantile(scores if by is None else by, [0.25, 0.75])
    reach = 3.0 * (high - low)
    return scores if reach == 0 else np.clip(scores, low - reach, high + reach)
