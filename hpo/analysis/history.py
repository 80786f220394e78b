"""Best so far: in the order in which the trials came, and over all orders in which they might have come."""

from typing import NamedTuple

import numpy as np

from .table import Floats, Integers, Table, Unanswered

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
MOST_COUNTS = 200


class History(NamedTuple):
    """The objective of each trial, and the best value up to it."""

    numbers: Integers
    values: Floats
    """NaN where a trial has no value."""
    best: Floats
    """NaN before the first value."""


class Reshuffled(NamedTuple):
    """The best value after a number of trials, over all orders of the trials."""

    counts: Integers
    """Trials so far; every count, or 200 that are evenly spaced on a logarithmic scale."""
    quantiles: tuple[float, ...]
    best: Floats
    """(quantiles, counts); NaN where an order would not have found any value yet."""
    trials: int


def history(table: Table, objective: int = 0) -> History | Unanswered:
    """Best value so far by trial number."""
    score = table.score(objective)
    if not table.completed.any():
        return Unanswered("no trial has completed")
    best = np.maximum.accumulate(np.where(np.isnan(score), -np.inf, score))
    sign = 1.0 if table.maximise[objective] else -1.0
    values = np.where(table.completed, table.values[:, objective], np.nan)
    return History(table.numbers, values, np.where(np.isinf(best), np.nan, sign * best))


def reshuffled(table: Table, objective: int = 0) -> Reshuffled | Unanswered:
    """Quantiles of the best of the first k trials over all orders, exactly.

    Of n scores in rising order, the best of k is at most the i-th with probability C(i, k) / C(n, k). Trials that were pruned or
    diverged take a place but bring no value.
    """
    from scipy.special import gammaln

    if not table.completed.any():
        return Unanswered("no trial has completed")
    scores = np.sort(np.nan_to_num(table.score(objective)[table.settled], nan=-np.inf))
    n = len(scores)
    counts = np.arange(1, n + 1) if n <= MOST_COUNTS else np.unique(np.geomspace(1, n, MOST_COUNTS).round().astype(np.int64))
    places = np.arange(1, n + 1)
    best = np.empty((len(QUANTILES), len(counts)))
    reached = np.array(QUANTILES) - 1e-9  # an order that just makes the quantile, within rounding
    for column, k in enumerate(counts):
        # log C(i, k) - log C(n, k), below k nothing
        with np.errstate(invalid="ignore"):
            log_share = gammaln(places + 1) - gammaln(places - k + 1) - gammaln(n + 1) + gammaln(n - k + 1)
        share = np.where(places < k, 0.0, np.exp(log_share))
        share[-1] = 1.0
        best[:, column] = scores[np.searchsorted(share, reached)]
    sign = 1.0 if table.maximise[objective] else -1.0
    return Reshuffled(counts, QUANTILES, np.where(np.isinf(best), np.nan, sign * best), n)
