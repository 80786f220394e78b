"""How far each parameter may be moved away from the recommended setting at little cost."""

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from .coordinates import grid, unit
from .danger import danger
from .posterior import Posterior, posterior
from .recommendation import RISK, Recommendation, recommendation
from .settings import along, on_grid
from .table import Column, Floats, Integers, Table, Truths, Unanswered

SURE = 0.95
CELLS = 48
FUNCTIONS = 64
"""Of each draw of the model: 2,048 in all, so that 95 % is told from 94."""


ROOM = 2.0
"""Times the distance of values that lie evenly."""


class SafeRange(NamedTuple):
    """Values of one parameter that cost no more than the tolerance against the recommended setting, the others as it has them.

    They hold together: with 95 % there is no value among them that costs more.
    """

    parameter: str
    low: float
    """In the parameter's own units; NaN for choices."""
    high: float
    choices: tuple[int, ...]
    """Codes of those that are safe; none for numbers."""
    whole: bool
    """Whether all of the space is safe: the parameter makes no difference."""
    open_low: bool
    """Whether the range goes to the lower end of the space, so that more may lie beyond."""
    open_high: bool
    loses: float
    """With 95 % no value of the space loses more than that against the recommended one; in the objective's units."""


def safe_ranges(table: Table, objective: int = 0, tolerance: float | None = None) -> Mapping[str, SafeRange] | Unanswered:
    """By parameter of the recommended setting. See hpo.analysis.recommendation for `tolerance`."""
    best = recommendation(table, objective, tolerance)
    return best if isinstance(best, Unanswered) else _ranges(table, objective, best.tolerance)


@lru_cache(maxsize=16)
def _ranges(table: Table, objective: int, tolerance: float) -> Mapping[str, SafeRange]:
    best, found = recommendation(table, objective, tolerance), posterior(table, objective)
    assert isinstance(best, Recommendation)
    assert isinstance(found, Posterior)
    return {name: _range(table, found, best, found.columns[name]) for name in best.settings}


def _range(table: Table, found: Posterior, best: Recommendation, column: Column) -> SafeRange:
    at, place = _line(column, best.settings[column.name])
    whole = {name: best.settings.get(name, np.nan) for name in found.columns}
    settings = along(whole, column.name, at)
    functions = found.sample(settings, FUNCTIONS) * (1.0 if table.maximise[0] else -1.0)
    losses = functions[:, [place]] - functions
    breaks = (danger(table, dict(found.columns))(settings) > max(RISK, best.danger)) | _untried(found, column, at)
    costly = (losses > best.tolerance) | (breaks & (np.arange(len(at)) != place))
    kept = _grown(costly, place) if column.numeric else _picked(costly, place)
    loses, every = float(np.quantile(losses.max(axis=1), SURE)), len(kept) == len(at)
    if not column.numeric:
        return SafeRange(column.name, np.nan, np.nan, tuple(int(at[one]) for one in kept), every, False, False, loses)
    ends = bool(kept[0] == 0), bool(kept[-1] == len(at) - 1)
    return SafeRange(column.name, float(at[kept[0]]), float(at[kept[-1]]), (), every, *ends, loses)


def _untried(found: Posterior, column: Column, at: Floats) -> Truths:
    """Values beyond all that were trained to the end, by more than the room that so many leave between them."""
    tried = np.unique(found.model.seen.trial[found.model.seen.final])
    values = column.values[tried][np.isfinite(column.values[tried])]
    if not column.numeric:
        return np.asarray(~np.isin(at, values))
    places, room = unit(column, values), ROOM / (len(values) + 1)
    return np.asarray((unit(column, at) < places.min() - room) | (unit(column, at) > places.max() + room))


def _line(column: Column, value: float) -> tuple[Floats, int]:
    """Values along a parameter, the recommended one among them, and its place."""
    values = grid(column, CELLS)
    values = np.unique(np.append(on_grid(column, values) if column.numeric else values, value))
    return values, int(np.flatnonzero(values == value)[0])


def _grown(costly: Truths, place: int) -> Integers:
    """Places of the widest run about the recommended value that holds, made wider where more functions allow it."""
    low = high = place
    lost = costly[:, place]
    while True:
        wider = [(lost | costly[:, at], at) for at in (low - 1, high + 1) if 0 <= at < costly.shape[1]]
        if not wider:
            break
        best, at = min(wider, key=lambda one: float(one[0].mean()))
        if best.mean() > 1 - SURE:
            break
        lost, low, high = best, min(low, at), max(high, at)
    return np.arange(low, high + 1)


def _picked(costly: Truths, place: int) -> list[int]:
    """Places of the choices that hold together, the surest first."""
    kept, lost = [place], costly[:, place]
    for at in np.argsort(costly.mean(axis=0), kind="stable"):
        if at != place and (lost | costly[:, at]).mean() <= 1 - SURE:
            kept.append(int(at))
            lost = lost | costly[:, at]
    return sorted(kept)
