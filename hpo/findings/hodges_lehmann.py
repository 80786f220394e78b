"""The typical difference between two groups: one that a few runs gone wrong do not move."""

from collections.abc import Sequence

import numpy as np

from ..analysis.table import Floats
from .estimate import Estimate

MOST = 1500
"""Values of a group used at most: their differences are all formed."""


def shift(pairs: Sequence[tuple[Floats, Floats]], seed: int) -> Estimate:
    """The median of all differences between a value of the first group and one of the second (Hodges and Lehmann, 1963).

    Of several strata, each with both groups, only differences within a stratum are formed. p inverts a rank test of Brunner and
    Munzel (2000): the share of differences below a true shift is one half, with a variance that is taken from the placements of
    each group in the other once the shift has been taken away. The groups may differ in spread, which Mann and Whitney's test
    does not allow for. Normal quantiles: Student's made it cover 98 % with 8 values each.
    """
    generator = np.random.default_rng(seed)
    apart = [np.subtract.outer(*(_some(x, generator) for x in pair)) for pair in pairs]
    ordered = np.sort(np.concatenate([each.ravel() for each in apart]))
    effect = float(np.median(ordered))
    error = _error([each - effect for each in apart])
    low, high = _ends(ordered, error)

    def p(border: float) -> float:
        from scipy.special import ndtr

        share = (np.searchsorted(ordered, border, "left") + np.searchsorted(ordered, border, "right")) / 2 / ordered.size
        return float(min(1.0, 2 * ndtr(-abs(share - 0.5) / error)))

    return Estimate(effect, (high - low) / 3.92, low, high, p)


def _some(values: Floats, generator: np.random.Generator) -> Floats:
    return values if len(values) <= MOST else generator.choice(values, MOST, replace=False)


def _error(apart: Sequence[Floats]) -> float:
    """Standard error of the share of differences below zero, a stratum counting by its number of differences."""
    count = sum(each.size for each in apart)
    return float(sum((each.size / count) ** 2 * _variance(each) for each in apart) ** 0.5)


def _variance(apart: Floats) -> float:
    """Of a stratum's share of differences below zero; Mann and Whitney's where a group is a single value, or none overlaps."""
    n, m = apart.shape
    usual = float((n + m + 1) / (12 * n * m))
    if min(n, m) < 2:
        return usual
    placed = (apart < 0) + 0.5 * (apart == 0)
    variance = float(placed.mean(axis=1).var(ddof=1) / n + placed.mean(axis=0).var(ddof=1) / m)
    return variance if variance > 0 else usual


def _ends(ordered: Floats, error: float) -> tuple[float, float]:
    """The differences between which the test does not reject; infinite where even the last one does not."""
    reach = 1.96 * error
    if reach >= 0.5:
        return -np.inf, np.inf
    low, high = np.quantile(ordered, [0.5 - reach, 0.5 + reach])
    return float(low), float(high)
