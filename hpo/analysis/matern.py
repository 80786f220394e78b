"""The covariance of a model: a product of Matern 5/2 functions, one for each coordinate, so that averages are products too."""

from collections.abc import Sequence

import numpy as np

from .coordinates import Coordinate
from .table import Floats

ROOT = np.sqrt(5.0)


def correlation(distances: Floats, lengths: Floats) -> Floats:
    """Correlations over (coordinates, ...) distances for each row of (draws, coordinates) lengths: (draws, ...).

    Rasmussen and Williams, Gaussian Processes for Machine Learning (2006), equation 4.17, for each coordinate; their product.
    """
    rates = ROOT / lengths
    total = np.exp(-np.tensordot(rates, distances, axes=1))
    for rate, along in zip(rates.T, distances, strict=True):
        scaled = rate.reshape(-1, *[1] * along.ndim) * along
        total *= 1.0 + scaled + scaled**2 / 3.0
    return total


def across(
    coordinates: Sequence[Coordinate], first: Sequence[Floats | None], second: Sequence[Floats | None], lengths: Floats
) -> Floats:
    """Correlations between two lists of points, given by coordinate; None is the average over the coordinate: (draws, n, m)."""
    parts = [
        _part(coordinate, left, right, lengths[:, place])
        for place, (coordinate, left, right) in enumerate(zip(coordinates, first, second, strict=True))
    ]
    total = parts[0]
    for part in parts[1:]:
        total = total * part
    return total


def _part(coordinate: Coordinate, first: Floats | None, second: Floats | None, lengths: Floats) -> Floats:
    left, right = (coordinate.cells if one is None else one for one in (first, second))
    found = correlation(coordinate.distances(left, right)[None], lengths[:, None])
    found = found.mean(axis=1, keepdims=True) if first is None else found
    return found.mean(axis=2, keepdims=True) if second is None else found
