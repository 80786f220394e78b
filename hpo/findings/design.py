"""How many independent units a study's plan can give to a claim, at the most."""

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from ..space import Parameter
from ..spec import StageSpec, StudySpec
from .conditions import Bound

Point = Mapping[str, Any]


def points(spec: StudySpec, stage: StageSpec, conditions: Mapping[str, Any]) -> int:
    """Points of a stage for which conditions on parameters, rank and stage may hold; others are taken to hold."""
    if conditions.get("stage", stage.name) != stage.name:
        return 0
    ranked = _width(conditions["rank"]) if "rank" in conditions else stage.trials
    if spec.search.sampler == "grid":
        return min(ranked, sum(1 for _ in grid_points(spec, stage, conditions)))
    box, distinct = stage.box, 1  # narrowed by values it may come to lie anywhere
    for name, parameter in spec.space.items():
        condition = conditions.get(name)
        if condition is not None and not _may_meet(parameter, condition, box.get(name)):
            return 0
        values = parameter.grid()
        distinct *= stage.trials if values is None else sum(_meets(value, condition) for value in values)
    return min(ranked, stage.trials, distinct)


def grid_points(spec: StudySpec, stage: StageSpec, conditions: Mapping[str, Any]) -> Iterator[Point]:
    """The points that a grid visits in a stage and for which the conditions on parameters hold."""
    from ..search.grid import points as visited

    for point in islice(visited(spec.space, stage.box), stage.trials):
        if all(_meets(value, conditions.get(name)) for name, value in point.items()):
            yield point


def units(spec: StudySpec, stage: StageSpec, conditions: Mapping[str, Any], metric: str) -> int:
    """Points, or the networks of a single one where the metric is one of networks; half of them where the others rank."""
    count = points(spec, stage, conditions)
    if count != 1 or metric in ("diverged", "seconds"):
        return count
    replicates = spec.search.replicates
    return replicates - replicates // 2 if "rank" in conditions else replicates


def _width(rank: Any) -> int:
    return max(1, int(rank[1]) - int(rank[0]) + 1) if isinstance(rank, (tuple, list)) else 1


def _meets(value: Any, condition: Any) -> bool:
    if condition is None:
        return True
    if isinstance(condition, Bound):
        return (condition.above is None or value > condition.above) and (condition.below is None or value < condition.below)
    if isinstance(condition, (tuple, list)):
        return bool(condition[0] <= value <= condition[1])
    return bool(value == condition)


def _may_meet(parameter: Parameter, condition: Any, within: tuple[float, float] | None) -> bool:
    """Whether a value of the parameter, or of the part of its range that a stage draws from, meets a condition."""
    values = parameter.grid()
    if values is not None:
        return any(_meets(value, condition) and (within is None or within[0] <= value <= within[1]) for value in values)
    low, high = parameter.ends if within is None else (max(within[0], parameter.ends[0]), min(within[1], parameter.ends[1]))
    if isinstance(condition, Bound):
        return (condition.above is None or condition.above < high) and (condition.below is None or condition.below > low)
    first, last = condition if isinstance(condition, (tuple, list)) else (condition, condition)
    return bool(first <= high and last >= low)
