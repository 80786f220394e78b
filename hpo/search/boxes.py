"""Boxes of stages: the part of the space that a stage samples from."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from optuna.trial import FrozenTrial, TrialState

from ..attributes import outcome_of, value_of
from ..space import Box, Interval, Parameter


def narrowed(space: Mapping[str, Parameter], points: Sequence[Mapping[str, Any]], margin: float) -> Box:
    """The smallest box that holds the points, widened at each end by `margin` of its width.

    Widths are measured on the parameter's own scale, logarithmic for a log parameter. The box stays within the space, and a
    whole parameter's ends are whole. A parameter with choices has no order and keeps them all.
    """
    return {
        name: _interval(parameter, [point[name] for point in points], margin)
        for name, parameter in space.items()
        if parameter.numeric
    }


def _interval(parameter: Parameter, values: Sequence[float], margin: float) -> Interval:
    low, high = min(values), max(values)
    if parameter.log:
        factor = (high / low) ** margin
        wide_low, wide_high = low / factor, high * factor
    else:
        extra = margin * (high - low)
        wide_low, wide_high = low - extra, high + extra
    if parameter.whole:
        wide_low, wide_high = math.floor(wide_low), math.ceil(wide_high)
    return max(parameter.ends[0], min(low, wide_low)), min(parameter.ends[1], max(high, wide_high))


BORDER = 0.05
"""Share of a box's width, on the parameter's own scale, that counts as its border."""


def expanded(space: Mapping[str, Parameter], box: Box, before: Box, best: Mapping[str, Any], expand: float) -> Box:
    """The box, reaching beyond the box `before` it wherever the best point lies at a border of that one.

    By `expand` times the width of the box before, on the parameter's own scale, and never beyond the space.
    """
    return {name: _expanded(space[name], ends, before.get(name), best[name], expand) for name, ends in box.items()}


def _expanded(parameter: Parameter, ends: Interval, before: Interval | None, best: float, expand: float) -> Interval:
    low, high = before or parameter.ends
    if not expand or not low < high:
        return ends
    position = math.log(best / low) / math.log(high / low) if parameter.log else (best - low) / (high - low)
    below = (low * (low / high) ** expand if parameter.log else low - expand * (high - low)) if position <= BORDER else ends[0]
    above = (
        (high * (high / low) ** expand if parameter.log else high + expand * (high - low)) if position >= 1 - BORDER else ends[1]
    )
    if parameter.whole:
        below, above = math.floor(below), math.ceil(above)
    return max(parameter.ends[0], min(ends[0], below)), min(parameter.ends[1], max(ends[1], above))


def inside(space: Mapping[str, Parameter], box: Box, point: Mapping[str, Any]) -> bool:
    """Whether a point has every parameter of the space, and lies in the box."""
    return point.keys() == space.keys() and all(low <= point[name] <= high for name, (low, high) in box.items())


def ranked(trials: Sequence[FrozenTrial], direction: Literal["maximize", "minimize"]) -> list[FrozenTrial]:
    """The best first: complete trials by their value, then pruned ones, those that came further first.

    A pruner leaves few complete trials, but it has compared all that reached a rung. Diverged and failed trials are left out.
    """
    return [trial for *_, trial in sorted(_keys(trials, -1 if direction == "maximize" else 1))]


def _keys(trials: Sequence[FrozenTrial], sign: int) -> Iterator[tuple[bool, int, float, int, FrozenTrial]]:
    for trial in trials:
        if outcome_of(trial) in ("diverged", "error") or trial.state not in (TrialState.COMPLETE, TrialState.PRUNED):
            continue
        value = value_of(trial)
        if value is not None and math.isfinite(value):
            yield trial.state == TrialState.PRUNED, -(trial.last_step or 0), sign * value, trial.number, trial
