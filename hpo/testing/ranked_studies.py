"""Studies whose trials are compared by their rank: the networks that rank a trial must not be those that are looked at."""

import numpy as np

from ..analysis.table import Table
from .planted import Make, Planted, table


def points(count: int, networks: int, spread: float = 0.0) -> Make:
    """So many points with so many networks each, whose levels lie so far apart; noise of 1 between the networks."""

    def make(generator: np.random.Generator, seed: int) -> Table:
        runs = spread * generator.standard_normal((count, 1)) + generator.standard_normal((count, networks))
        return table({"rate": generator.random(count)}, runs.mean(axis=1), seed=seed, replicates=runs)

    return make


BEST, REST = {"rank": [1, 5]}, {"rank": [6, 20]}
AHEAD = {"group": BEST, "against": REST, "direction": "higher"}
FIRST = {"group": {"rank": 1}, "against": {"rank": 10}, "direction": "higher"}
THREE = {"groups": [{"rank": 1}, {"rank": 2}, {"rank": 3}], "margin": 2.0}
RANKED: tuple[Planted, ...] = (
    Planted("difference", "the best five of noise", "border", AHEAD, points(20, 2), 0.0),
    Planted("difference", "the best of noise and the worst, 8 networks", "border", FIRST, points(10, 8), 0.0),
    Planted("difference", "the best five, 3 deviations", "true", AHEAD, points(20, 4, 3.0)),
    Planted("difference", "the best five of noise, one network each", "border", AHEAD, points(20, 1), 0.0),
    Planted("equivalence", "the best three of noise, 12 networks", "true", THREE, points(10, 12)),
)
"""Claims about the best."""
