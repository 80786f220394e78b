"""Which trials to look at early: those near the boundary beyond which training diverges.

A diverged network stays in its group up to the next rung, which may be hundreds of steps away. Where that is likely, a look at
the first steps alone costs less.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from optuna.trial import FrozenTrial

from ..attributes import outcome_of, same_as_of
from ..space import Parameter

Floats = npt.NDArray[np.float64]

STEPS = 20
"""Steps of an early look. Of 208 trials that diverged in the searches of docs/search.md, 203 were seen to by then."""
NEIGHBOURS = 5
"""Told trials around a point that say how likely it is to diverge."""
EXPECTED = 0.1
"""Share that diverges where nothing is known, with the weight of NEIGHBOURS trials."""


def looked_at_early(
    space: Mapping[str, Parameter], told: Sequence[FrozenTrial], points: Sequence[Mapping[str, Any]], steps: Sequence[int]
) -> list[bool]:
    """Whether to look early at each of these points, that are to take so many steps before their first rung.

    They are looked at where that saves steps: where the risk times the steps after the look is above those of the look. Where
    all of NEIGHBOURS told trials nearby got by, there is no boundary to be near to.
    """
    worth = [there > STEPS and _risk(NEIGHBOURS, NEIGHBOURS) * (there - STEPS) > STEPS for there in steps]
    if not any(worth):
        return worth
    known = [trial for trial in told if outcome_of(trial) not in (None, "error") and same_as_of(trial) is None]
    places = _places(space, [trial.params for trial in known])
    diverged = np.array([outcome_of(trial) == "diverged" for trial in known], dtype=bool)
    looks = []
    for place, there in zip(_places(space, points), steps, strict=True):
        near = _nearest(_distances(space, places, place))
        looks.append(_risk(len(near), int(diverged[near].sum())) * (there - STEPS) > STEPS)
    return looks


def _nearest(distances: Floats) -> npt.NDArray[np.intp]:
    """Places of the NEIGHBOURS least, of equal ones the first; no sort, since there may be thousands."""
    if len(distances) <= NEIGHBOURS:
        return np.arange(len(distances))
    within = np.flatnonzero(distances <= np.partition(distances, NEIGHBOURS - 1)[NEIGHBOURS - 1])
    return within[np.argsort(distances[within], kind="stable")][:NEIGHBOURS]


def _risk(near: int, diverged: int) -> float:
    if near == NEIGHBOURS and not diverged:
        return 0.0
    return (diverged + EXPECTED * NEIGHBOURS) / (near + NEIGHBOURS)


def _distances(space: Mapping[str, Parameter], places: Floats, place: Floats) -> Floats:
    """Squared, from one place to all others. Two choices are a range apart."""
    apart = places - place
    for column, parameter in enumerate(space.values()):
        if not parameter.numeric:
            apart[:, column] = apart[:, column] != 0
    squares: Floats = np.einsum("ij,ij->i", apart, apart)
    return squares


def _places(space: Mapping[str, Parameter], points: Sequence[Mapping[str, Any]]) -> Floats:
    """Points as rows, each parameter as a share of its range on its own scale, or as the number of its choice."""
    columns = [_column(parameter, [point[name] for point in points]) for name, parameter in space.items()]
    return np.stack(columns, axis=1)


def _column(parameter: Parameter, values: Sequence[Any]) -> Floats:
    if parameter.choices is not None:
        return np.array([parameter.choices.index(value) for value in values], dtype=float)
    low, high = parameter.ends
    if low == high:
        return np.zeros(len(values))
    found = np.array(values, dtype=float)
    return np.log(found / low) / np.log(high / low) if parameter.log else (found - low) / (high - low)
