"""Which parameters, and which choices that decide on them, occur together: an average over a conditional space is over these."""

from collections.abc import Mapping, Sequence

import numpy as np

from .coordinates import Coordinate
from .table import Floats, Integers

MOST = 12
"""Patterns that are averaged over, the commonest."""

Pattern = Mapping[int, float]
"""By place of a coordinate the value that it has throughout; the others run over their whole range."""


def patterns(coordinates: Sequence[Coordinate]) -> list[Pattern]:
    """One that leaves everything open where every trial has every parameter."""
    presence = [place for place, one in enumerate(coordinates) if one.presence]
    if not presence:
        return [{}]
    flags = np.column_stack([coordinates[place].values for place in presence])
    kinds = np.unique(flags, axis=0, return_inverse=True)[1].reshape(-1)
    fixed = [*presence, *(place for place, one in enumerate(coordinates) if _decides(one, kinds))]
    found, counts = np.unique(np.column_stack([coordinates[place].values for place in fixed]), axis=0, return_counts=True)
    return [_whole(coordinates, dict(zip(fixed, row, strict=True))) for row in found[np.argsort(-counts, kind="stable")[:MOST]]]


def weights(coordinates: Sequence[Coordinate], found: Sequence[Pattern], asked: Mapping[int, Floats], count: int) -> Floats:
    """(points, patterns): how much of the average at a point is over a pattern; `asked` has the points by place.

    Evenly over those that agree with what is asked; over all of them where none does.
    """
    agrees = np.ones((count, len(found)))
    for place, values in asked.items():
        if coordinates[place].apart:
            for number, pattern in enumerate(found):
                agrees[:, number] *= values == pattern.get(place, values)
    agrees[agrees.sum(axis=1) == 0] = 1.0
    return np.asarray(agrees / agrees.sum(axis=1, keepdims=True))


def _decides(coordinate: Coordinate, kinds: Integers) -> bool:
    """Whether some pattern of parameters comes with some of the choices alone."""
    if coordinate.presence or not coordinate.apart:
        return False
    seen = len(np.unique(coordinate.values))
    return any(len(np.unique(coordinate.values[kinds == kind])) < seen for kind in np.unique(kinds))


def _whole(coordinates: Sequence[Coordinate], pattern: dict[int, float]) -> Pattern:
    """With the places of the parameters that are lacking."""
    lacking = {coordinates[place].name for place, value in pattern.items() if coordinates[place].presence and not value}
    return {**{place: float(one.lacking) for place, one in enumerate(coordinates) if one.name in lacking}, **pattern}
