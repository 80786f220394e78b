"""An effect with its uncertainty, and the decision on which side of a border it lies."""

from collections.abc import Callable, Sequence
from functools import partial
from math import ceil, inf
from typing import NamedTuple

import numpy as np

from ..analysis.table import Floats
from .finding import Evidence


class Estimate(NamedTuple):
    """An effect, and what the data say against other values of it."""

    effect: float
    error: float
    """Standard error."""
    low: float
    high: float
    """95 % interval: the values with p of at least 0.05."""
    p: Callable[[float], float]
    """Two-sided p of the hypothesis that the true effect is a given value."""


class Region(NamedTuple):
    """The effects for which a claim is true."""

    low: float = -inf
    high: float = inf

    def holds(self, effect: float) -> bool:
        """Whether the claim is true of this effect."""
        return self.low <= effect <= self.high


def by_student(effect: float, error: float, degrees: float, together: int = 1) -> Estimate:
    """An effect whose error is estimated with so many degrees of freedom: Student's t.

    `together`: how many intervals are to hold at once (Bonferroni).
    """
    from scipy.special import stdtr, stdtrit

    reach = float(stdtrit(degrees, 1 - 0.025 / together)) * error

    def p(border: float) -> float:
        if error == 0:
            return 1.0 if border == effect else 0.0
        return float(2 * stdtr(degrees, -abs(effect - border) / error))

    return Estimate(effect, error, effect - reach, effect + reach, p)


def by_draws(effect: float, error: float, null: Floats) -> Estimate:
    """An effect whose studentised error has the distribution of these draws, as from permutations."""
    ordered = np.sort(null)
    lower, upper = np.quantile(ordered, [0.025, 0.975])

    def p(border: float) -> float:
        place = (effect - border) / error
        above, below = (ordered >= place).sum(), (ordered <= place).sum()
        return float(min(1.0, 2 * (min(above, below) + 1) / (len(ordered) + 1)))

    return Estimate(effect, error, effect - float(upper) * error, effect - float(lower) * error, p)


def wider(one: Estimate, other: Estimate) -> Estimate:
    """Of two estimates of one effect, the more cautious at each end."""
    low, high = min(one.low, other.low), max(one.high, other.high)
    return one._replace(low=low, high=high, p=lambda border: max(one.p(border), other.p(border)))


def judge(estimate: Estimate, region: Region) -> tuple[bool, float]:
    """Whether the effect lies in the region, and the p of the nearest effect for which it would be the other way round."""
    borders = [border for border in region if abs(border) != inf]
    if region.holds(estimate.effect):
        return True, max((estimate.p(border) for border in borders), default=1.0)
    return False, estimate.p(region.low if estimate.effect < region.low else region.high)


POWER = 0.8
"""Chance of a verdict that is promised of so many more units."""


def more(estimate: Estimate, region: Region, n: int, level: float) -> int | None:
    """Units needed besides the n there are, to decide at a level with a power of 0.8 if the effect is what it seems.

    None when it is at a border. `level`: where several claims are tested together, what Holm's correction leaves of 5 %.
    """
    distance = min((abs(estimate.effect - border) for border in region if abs(border) != inf), default=0.0)
    if not distance > 1e-3 * estimate.error:
        return None
    scatter, total = n * (estimate.error / distance) ** 2, 4.0
    for _ in range(50):  # the fewer the units, the wider Student's t
        total = max(4.0, (total + scatter * _reach(level, total - 2) ** 2) / 2)
    return max(1, ceil(total) - n)


def _reach(level: float, degrees: float) -> float:
    """Standard errors between the effect and a border for that power."""
    from scipy.special import stdtrit

    return float(stdtrit(degrees, 1 - level / 2) + stdtrit(degrees, POWER))


Part = tuple[Estimate, Region, int]
"""One of several statements that a claim makes at once: an effect, where it should lie, and the units behind it."""


def judge_all(parts: Sequence[Part]) -> tuple[bool, float]:
    """Whether every part holds, and the p of the claim being judged otherwise.

    All parts must be shown to hold, so the largest p counts (intersection-union, Berger, 1982). A single one that does not hold
    refutes the claim, so the smallest p of those counts, times the number of parts that might have come out so (Bonferroni).
    """
    verdicts = [judge(estimate, region) for estimate, region, _ in parts]
    wrong = [p for inside, p in verdicts if not inside]
    return (False, min(1.0, len(parts) * min(wrong))) if wrong else (True, max(p for _, p in verdicts))


def more_for_all(parts: Sequence[Part], level: float) -> int | None:
    """Units needed besides, for the part that takes the most."""
    needed = [more(*part, level) for part in parts]
    return None if None in needed else max(count or 0 for count in needed)


def conclude(sentence: str, estimate: Estimate, region: Region, n: int, notes: tuple[str, ...] = ()) -> Evidence:
    """The evidence of one estimate for a claim that its effect lies in a region."""
    holds, p = judge(estimate, region)
    return Evidence(
        sentence, estimate.effect, estimate.low, estimate.high, n, p, holds, partial(more, estimate, region, n), notes
    )
