"""Means of groups set against each other, among trials that may be compared."""

from collections.abc import Collection, Sequence

import numpy as np

from ..analysis.table import Floats, Table, Texts
from . import contrast, hodges_lehmann, proportions
from .estimate import Estimate
from .finding import Undecidable
from .samples import Sample, binary
from .strata import strata

APART = "no stage has two trials of every group, and trials of different stages cannot be compared"


def compare(
    table: Table, samples: Sequence[Sample], signs: Sequence[float], named: Collection[str], seed: int, together: int = 1
) -> Estimate:
    """The signed sum of the groups' means, over the strata in which every group has at least two units.

    A stratum's weight is what its group sizes allow to know. `named`: the parameters that set the groups apart. `together`: how
    many such intervals are to hold at once.
    """
    groups, weights = _by_stratum(samples, signs, _labels(table, samples, named))
    if binary(*samples):
        return proportions.weighted(groups, weights)
    if len(groups) == 2 and together == 1:
        return contrast.difference(groups[0], groups[1], seed)
    return contrast.contrast(groups, weights, together)


def typical(table: Table, first: Sample, second: Sample, named: Collection[str], seed: int) -> Estimate:
    """Hodges and Lehmann's difference of two groups, over the differences within the strata that have both."""
    one, other = _labels(table, (first, second), named)
    shared = np.intersect1d(one, other)
    if not len(shared):
        raise Undecidable(APART, len(first.values) + len(second.values))
    return hodges_lehmann.shift([(first.values[one == label], second.values[other == label]) for label in shared], seed)


def _labels(table: Table, samples: Sequence[Sample], named: Collection[str]) -> list[Texts]:
    """The stratum of each unit, by sample."""
    whole = strata(table, np.concatenate([one.rows for one in samples]), named)
    return np.split(whole, np.cumsum([len(one.rows) for one in samples])[:-1])


def _by_stratum(samples: Sequence[Sample], signs: Sequence[float], labels: Sequence[Texts]) -> tuple[list[Floats], list[float]]:
    """Groups of one stratum each, and the weights of their means."""
    names = np.unique(np.concatenate(labels))
    parts = [[one.values[label == name] for one, label in zip(samples, labels, strict=True)] for name in names]
    whole = [part for part in parts if min(map(len, part)) >= 2]
    if not whole:
        count = sum(len(one.values) for one in samples)
        raise Undecidable(APART, count)
    shares = np.array([1 / sum(1 / len(group) for group in part) for part in whole])
    groups = [group for part in whole for group in part]
    return groups, [float(sign * share) for share in shares / shares.sum() for sign in signs]
