"""Where over two parameters the objective is as good as at the recommended setting."""

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from .coordinates import grid
from .danger import danger
from .posterior import Posterior, posterior
from .recommendation import RISK, Recommendation, recommendation
from .table import Floats, Table, Truths, Unanswered

CELLS = 24
SURE = 0.95
FUNCTIONS = 64
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
def safe_region(
    table: Table, first: str, second: str, objective: int = 0, tolerance: float | None = None
) -> SafeRegion | Unanswered:
    """Against the recommended setting, by the functions that the trials leave possible. `tolerance`: as in `recommendation`."""
    best, found = recommendation(table, objective, tolerance), posterior(table, objective)
    if isinstance(best, Unanswered):
        return best
    assert isinstance(found, Posterior)
    if not {first, second} <= best.settings.keys() or not all(found.columns[name].numeric for name in (first, second)):
        return Unanswered(f"the recommended setting has no numbers {first} and {second}")
    x, y = (grid(found.columns[name], CELLS) for name in (first, second))
    risk = danger(table, dict(found.columns))
    rows = []
    for at in y:
        settings = _settings(found, best, {first: x, second: np.full(len(x), at)})
        functions = found.sample(settings, FUNCTIONS) * (1.0 if table.maximise[0] else -1.0)
        kept = (functions[:, :1] - functions <= best.tolerance).mean(axis=0)
        rows.append((kept * (risk(settings) <= max(RISK, best.danger)))[1:])
    return SafeRegion(x, y, np.array(rows), best.tolerance)


def _settings(found: Posterior, best: Recommendation, places: Mapping[str, Floats]) -> dict[str, Floats]:
    """The recommended setting, then places over two parameters: what these lose is read off functions known at both."""
    count = len(next(iter(places.values()))) + 1
    settings = {name: np.full(count, best.settings.get(name, np.nan)) for name in found.columns}
    for name, values in places.items():
        settings[name][1:] = values
    return settings
