"""Paired figures of two contenders: what one search has over the other, seed by seed."""

import math
import statistics
from collections.abc import Sequence
from typing import NamedTuple

from .record import Search


class Compared(NamedTuple):
    """One contender against another, by seed."""

    better: float
    """Share of the seeds in which its best at the budget is better; a tie counts half."""
    low: float
    """95 % interval of that share (Wilson, 1927)."""
    high: float
    difference: float
    """Median difference of the best values, higher being better."""
    budget_to_match: float
    """Lane-steps until it has the other's final best over the other's lane-steps to it, the median; infinity where more than half
    of the searches never come so far."""
    share_to_match: float
    """The same lane-steps over the whole budget."""
    never: int
    """Searches that never come so far."""
    wasted: float
    """Share of the budget that went into diverging trials, over that of the other; both over all seeds together."""


def compared(ours: Sequence[Search], theirs: Sequence[Search], budget: int) -> Compared:
    """Contenders that were given the same seeds, in the same order."""
    differences = [_apart(_best(own, budget), _best(other, budget)) for own, other in zip(ours, theirs, strict=True)]
    share = sum((difference > 0) + 0.5 * (difference == 0) for difference in differences) / len(differences)
    low, high = wilson(share, len(differences))
    reached = [_reached(own, other, budget) for own, other in zip(ours, theirs, strict=True)]
    return Compared(
        better=share,
        low=low,
        high=high,
        difference=statistics.median(differences),
        budget_to_match=statistics.median(own / other for own, other in reached),
        share_to_match=statistics.median(own / budget for own, _ in reached),
        never=sum(math.isinf(own) for own, _ in reached),
        wasted=_ratio(statistics.mean(each.wasted for each in ours), statistics.mean(each.wasted for each in theirs)),
    )


def _best(search: Search, budget: int) -> float:
    best = search.best(budget)
    return search.score(best.value if best else None)


def _apart(own: float, other: float) -> float:
    return 0.0 if own == other else own - other  # Both are infinite where neither has a complete trial.


def _reached(own: Search, other: Search, budget: int) -> tuple[float, int]:
    """Lane-steps of both until the other's final best was there."""
    best = other.best(budget)
    if best is None or best.value is None:
        return own.trials[0].spent, budget
    return own.reached(best.value) or math.inf, best.spent


def _ratio(own: float, other: float) -> float:
    return own / other if other else math.nan


def wilson(share: float, n: int, z: float = 1.96) -> tuple[float, float]:
    """95 % interval of a share of n (Wilson, 1927)."""
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return max(0.0, middle - half), min(1.0, middle + half)
