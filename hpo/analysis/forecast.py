"""What more trials like those so far would bring."""

from typing import NamedTuple

import numpy as np

from .table import Floats, Table, Unanswered, there_are

LEAST = 10
"""Completed trials that a forecast takes."""


class Forecast(NamedTuple):
    """Of so many trials more, drawn as the last stage drew its own."""

    more: int
    of: int
    """Trials that it rests on."""
    probability: float
    """That one of them beats the best so far."""
    gain: float
    """Expected rise of the best, in the objective's units; never negative."""
    high: float
    """The rise is hardly ever larger: of 20 to 100 made-up trials and 20 more, it stayed below in 95 to 98 % of the cases where
    values have a ceiling, in 89 to 92 % where they are normal, in 82 to 92 % where their tail is exponential."""


def forecast(table: Table, more: int, objective: int = 0) -> Forecast | Unanswered:
    """A forecast for trials that are exchangeable, as those of a random search are; a sampler that learns may do better.

    The best of n + m such trials is among the last m with probability m / (n + m), whatever their distribution (Rényi, 1962, on
    records). What they bring is taken to be what the last trials brought when their number grew by the same factor: the rise from
    the best of k to the best of n = k (n + m) / n trials, over all orders of the trials. For values with an exponential tail that
    is right on average; where there is a ceiling, as an accuracy has, it is somewhat more than will come.
    """
    stages = table.stages[table.settled]
    last = table.take(table.stages == stages[-1]) if len(stages) else table
    completed = int(np.isfinite(last.score(objective)).sum())
    if completed < LEAST:
        return Unanswered(f"a forecast takes {LEAST} completed trials of the last stage, and {there_are(completed)}")
    scores = last.score(objective)[last.settled]
    scores = np.sort(np.where(np.isfinite(scores), scores, scores[np.isfinite(scores)].min()))
    n = len(scores)
    share = _best_of(max(1, round(n * n / (n + more))), n)
    rises = scores[-1] - scores
    high = rises[int(np.searchsorted(np.cumsum(share), 0.01 - 1e-9))]
    return Forecast(more, n, more / (n + more), float(rises @ share), float(high))


def _best_of(k: int, n: int) -> Floats:
    """The probability of each of n values, in rising order, to be the best of k that are drawn from them: (n,)."""
    from scipy.special import gammaln

    places = np.arange(1, n + 1)
    with np.errstate(invalid="ignore"):
        below = np.exp(gammaln(places + 1) - gammaln(places - k + 1) - gammaln(n + 1) + gammaln(n - k + 1))
    return np.diff(np.where(places < k, 0.0, below), prepend=0.0)
