"""Fresh points for claims: drawn at random from a stage's box, so that no value has chosen them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

import numpy as np
import optuna
from optuna.distributions import BaseDistribution

from ..analysis.derived import with_derived
from ..analysis.table import Table
from ..findings.conditions import Bound, matching
from ..runner.evidence import Point
from ..seeds import derive
from ..space import Interval, Parameter
from ..spec import StudySpec
from .needs import Need

AT_ONCE = 16
MOST = 400
"""Rounds of so many points, after which a group is given up: what it asks of derived quantities leaves next to nothing."""


def drawn(spec: StudySpec, table: Table, need: Need, count: int, cohort: int) -> list[Point]:
    """So many points of each group, group after group; fewer where its conditions are hardly ever met. Keyed by the cohort."""
    places = range(len(need.groups))
    found = [list(islice(_of_group(spec, table, need, place, cohort, count), count)) for place in places]
    return [point for group in (_paired(spec, table, need, found) if need.paired else found) for point in group]


def _of_group(spec: StudySpec, table: Table, need: Need, place: int, cohort: int, count: int) -> Iterator[Point]:
    group, box = need.groups[place], table.boxes.get(need.stage, {})
    sampler = optuna.samplers.RandomSampler(derive(spec.seed, "evidence for claims", cohort, place))
    study = optuna.create_study(sampler=sampler)
    space = {name: _within(parameter, box.get(name), group.get(name)) for name, parameter in spec.space.items()}
    for _ in range(MOST if any(name in spec.derived for name in group) else count):
        asked = (_fixed(spec, study.ask(space).params, group) for _ in range(AT_ONCE))
        points = [{name: spec.space[name].written(value) for name, value in point.items()} for point in asked]
        yield from _met(spec, table, group, points)


def _fixed(spec: StudySpec, point: Point, group: Mapping[str, Any]) -> Point:
    """The point with the choices that the group names."""
    return {name: group[name] if name in group and not spec.space[name].numeric else value for name, value in point.items()}


def _within(parameter: Parameter, box: Interval | None, condition: Any) -> BaseDistribution:
    """The part of the box that a condition leaves of a number, its ends included."""
    low, high = box or (parameter.ends if parameter.numeric else (0.0, 0.0))
    if not parameter.numeric or condition is None:
        return parameter.distribution(box)
    least, most = _ends(condition)
    first = min(max(low, least), high)  # An end of the box where they have nothing in common; it does not meet the condition.
    return parameter.distribution((first, max(first, min(high, most))))


def _ends(condition: Any) -> Interval:
    if isinstance(condition, Bound):
        above, below = condition.above, condition.below
        return -np.inf if above is None else above, np.inf if below is None else below
    return (condition[0], condition[1]) if isinstance(condition, (tuple, list)) else (condition, condition)


def _met(spec: StudySpec, table: Table, group: Mapping[str, Any], points: Sequence[Point]) -> list[Point]:
    """Those of the points for which the conditions hold."""
    return [point for point, holds in zip(points, matching(_as_table(spec, table, points), group), strict=True) if holds]


def _as_table(spec: StudySpec, table: Table, points: Sequence[Point]) -> Table:
    rows = table.take(np.zeros(len(points), dtype=np.int64))
    columns = {
        name: replace(rows.columns[name], values=np.array([rows.columns[name].code(point[name]) for point in points]))
        for name in spec.space
    }
    return with_derived(replace(rows, columns=columns), spec, spec.derived)


def _paired(spec: StudySpec, table: Table, need: Need, found: Sequence[Sequence[Point]]) -> list[list[Point]]:
    """The groups' points with all that no group names as the first group's has it, where that leaves each in its group."""
    named = {name for group in need.groups for name in group if any(group.get(name) != one.get(name) for one in need.groups)}
    pairs = [
        [{**first, **{name: point[name] for name in named if name in point}} for point in others]
        for first, *rest in zip(*found, strict=False)
        for others in [[first, *rest]]
    ]
    whole = [pair for pair in pairs if all(_met(spec, table, group, [p]) for group, p in zip(need.groups, pair, strict=True))]
    return [[pair[place] for pair in whole] for place in range(len(need.groups))]
