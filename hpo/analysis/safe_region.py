"""Where over two parameters the objective is as good as at the recommended setting."""

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from .coordinates import grid
from .danger import danger
from .posterior import Posterior, posterior
from .recommendation import RISK, recommendation
from .table import Floats, Table, Truths, Unanswered

CELLS = 24
SURE = 0.95
FUNCTIONS = 16
"""Of each draw of the model."""


class SafeRegion(NamedTuple):
    """Over two numbers, the others as recommended: how surely a setting costs no more than the tolerance."""

    x: Floats
    """(cells,) of the first parameter, in its own units."""
    y: Floats
    chance: Floats
    """(cells of y, cells of x) probability, at each place by itself; 0 where training is likely to break."""
    tolerance: float
    """In the objective's units."""

    @property
    def inside(self) -> Truths:
        """Places that are safe."""
        return np.asarray(self.chance >= SURE)


@lru_cache(maxsize=16)
def safe_region(table: Table, first: str, second: str, objective: int = 0) -> SafeRegion | Unanswered:
    """Against the recommended setting (hpo.analysis.recommendation), by the functions that the trials leave possible."""
    best, found = recommendation(table, objective), posterior(table, objective)
    if isinstance(best, Unanswered):
        return best
    assert isinstance(found, Posterior)
    if not {first, second} <= best.settings.keys() or not all(found.columns[name].numeric for name in (first, second)):
        return Unanswered(f"the recommended setting has no numbers {first} and {second}")
    x, y = (grid(found.columns[name], CELLS) for name in (first, second))
    places = {
        first: np.append(np.tile(x, len(y)), best.settings[first]),
        second: np.append(np.repeat(y, len(x)), best.settings[second]),
    }
    rest = {name: np.full(len(places[first]), best.settings.get(name, np.nan)) for name in found.columns}
    settings = {**rest, **places}
    functions = found.sample(settings, FUNCTIONS) * (1.0 if table.maximise[objective] else -1.0)
    kept = (functions[:, -1:] - functions <= best.tolerance).mean(axis=0)
    lasting = danger(table, dict(found.columns))(settings) <= max(RISK, best.danger)
    return SafeRegion(x, y, (kept * lasting)[:-1].reshape(len(y), len(x)), best.tolerance)
