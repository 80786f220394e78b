"""Which trials to look at early: those near the boundary beyond which training diverges.

A diverged network stays in its group up to the next rung, which may be hundreds of steps away. Where that is likely, a look at
the first steps alone costs less.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from optuna.trial import FrozenTrial

from ..attributes import outcome_of, same_as_of
from ..space import Parameter

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
    known = [trial for trial in told if outcome_of(trial) not in (None, "error") and same_as_of(trial) is None]
    return [_risk(space, known, point) * (there - STEPS) > STEPS for point, there in zip(points, steps, strict=True)]


def _risk(space: Mapping[str, Parameter], known: Sequence[FrozenTrial], point: Mapping[str, Any]) -> float:
    near = sorted(known, key=lambda trial: (_distance(space, trial.params, point), trial.number))[:NEIGHBOURS]
    diverged = sum(outcome_of(trial) == "diverged" for trial in near)
    if len(near) == NEIGHBOURS and not diverged:
        return 0.0
    return (diverged + EXPECTED * NEIGHBOURS) / (len(near) + NEIGHBOURS)


def _distance(space: Mapping[str, Parameter], one: Mapping[str, Any], other: Mapping[str, Any]) -> float:
    """Between two points, each parameter taken as a share of its range on its own scale; two choices are a range apart."""
    return math.hypot(*(_apart(parameter, one[name], other[name]) for name, parameter in space.items()))


def _apart(parameter: Parameter, one: Any, other: Any) -> float:
    if not parameter.numeric:
        return float(one != other)
    low, high = parameter.ends
    if low == high:
        return 0.0
    return math.log(one / other) / math.log(high / low) if parameter.log else (one - other) / (high - low)
