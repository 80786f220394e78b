"""A metric of every network of a study, with one rule for those that came to no end."""

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from ..analysis.metrics import FACTS, better_when_higher, replicates
from ..analysis.table import Floats, Table, Truths


class Runs(NamedTuple):
    """A metric of every trial, ready for comparison."""

    values: Floats
    """(trials, replicates); NaN where there is nothing to compare."""
    diverged: Truths
    """Trials that count as the worst value of any completed one, because they diverged."""


@lru_cache(maxsize=16)
def runs(table: Table, metric: str | None) -> Runs:
    """A metric, the first objective by default, with the diverged trials at the worst completed value."""
    name = metric or table.metric
    values = replicates(table, name)
    if name in FACTS:
        return Runs(values, np.zeros(len(table), dtype=np.bool_))
    ended = table.completed | (("@" in name) & table.settled)
    known = np.where(ended[:, None], values, np.nan)
    known[~np.isfinite(known)] = np.nan
    fill = table.diverged & np.isnan(known).all(axis=1)
    if table.completed.any() and np.isfinite(known).any():
        worst = np.nanmin(known) if better_when_higher(table, name) else np.nanmax(known)
        for first in np.unique(table.first_network[fill]):
            alike = table.first_network == first
            width = max(1, int(np.isfinite(known[alike]).sum(axis=1).max()))
            known[fill & alike, first : first + width] = worst
    return Runs(known, fill)


def means(table: Table, metric: str) -> Floats:
    """A metric by trial, the mean of its replicates; a diverged trial is infinitely bad, any other without a value NaN."""
    of = replicates(table, metric)
    known = np.isfinite(of)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(known, of, 0.0).sum(axis=1) / known.sum(axis=1)
    if metric in FACTS:
        return np.asarray(mean)
    mean = np.where(table.completed | (("@" in metric) & table.settled), mean, np.nan)
    return np.where(table.diverged & np.isnan(mean), -np.inf if better_when_higher(table, metric) else np.inf, mean)
