"""The race: after each batch of seeds, candidates that are shown to be worse than another one are trained no further."""

from collections.abc import Iterator
from itertools import combinations
from typing import NamedTuple

import numpy as np

from ..analysis.table import Floats, Truths
from ..findings.estimate import by_student

LEVEL = 0.05
"""Chance, over the whole race, that a candidate is said to be worse than one that it equals."""
LOOKS = 4
"""Batches at the most."""
FEWEST = 3
"""Seeds of a batch at the least: a paired test of two differences has one degree of freedom, and shows nothing."""


class Race(NamedTuple):
    """What a race has shown. Arrays run over the candidates."""

    beaten: Truths
    """(candidates, candidates): whether the column's candidate was shown to be better than the row's."""
    out: Truths
    """Those that are trained no further: beaten, or with a network that diverged."""


def batches(seeds: int) -> list[int]:
    """How many seeds every candidate has after each batch; the last one is `seeds`."""
    size = max(FEWEST, -(-seeds // LOOKS))
    return [*range(size, seeds, size), seeds]


def race(scores: Floats, seeds: int) -> Race:
    """Look after each batch at the scores, (candidates, seeds), higher better; NaN: not trained, -infinity: diverged.

    Each look tests every pair in the race: the paired differences with Student's t, Holm's correction (1979) over all pairs that
    there were at the start, and the level shared out evenly over the planned looks (Bonferroni). So the chance of any wrong
    verdict is at most 5 %, whichever candidate happens to lead. After F-race (Birattari et al., 2002).
    """
    count = len(scores)
    beaten = np.zeros((count, count), dtype=np.bool_)
    out = np.zeros(count, dtype=np.bool_)
    looks = batches(seeds)
    for seen in looks:
        part = scores[:, :seen]
        if np.isnan(part[~out]).any():
            break
        out |= np.isneginf(part).any(axis=1)
        for worse, better in _shown(part, out, LEVEL / len(looks)):
            beaten[worse, better] = True
        out |= beaten.any(axis=1)
    return Race(beaten, out)


def _shown(scores: Floats, out: Truths, level: float) -> Iterator[tuple[int, int]]:
    """Pairs (worse, better) that the scores tell apart, by Holm's procedure."""
    pairs = len(scores) * (len(scores) - 1) // 2
    tested = [(_p(scores[i] - scores[j]), i, j) for i, j in combinations(np.flatnonzero(~out).tolist(), 2)]
    for place, (p, i, j) in enumerate(sorted(tested)):
        if p > level / (pairs - place):
            return
        yield (i, j) if scores[i].mean() < scores[j].mean() else (j, i)


def _p(differences: Floats) -> float:
    """Two-sided p of no difference. Where all differences are equal, that of their signs."""
    n, effect = len(differences), float(differences.mean())
    if n < 2:
        return 1.0
    error = float(differences.std(ddof=1)) / n**0.5
    if error == 0:
        return 1.0 if effect == 0 else 2.0 ** (1 - n)
    return by_student(effect, error, n - 1).p(0.0)
