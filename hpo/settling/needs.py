"""What evidence a claim takes: further networks at the points of a grid, or fresh points of the box that its groups lie in."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from optuna.trial import FrozenTrial

from ..analysis.pruned import untouched
from ..analysis.table import Table, Truths
from ..attributes import canonical, cohort_of, networks_of, stage_of
from ..findings.conditions import matching
from ..findings.fairness import looked_at, ranks
from ..findings.finding import Undecidable
from ..findings.groups import groups
from ..findings.kinds.best_region import BestRegion
from ..findings.kinds.trend import Trend
from ..findings.options import Test
from ..runner.evidence import Point
from ..runner.stored import Moment
from ..spec import StudySpec
from .spending import steps_of_networks

FEWEST = 4
"""Units of a group that a first batch brings at the least: fewer hardly show what is chance."""
FEWEST_OF_A_BOX = 12
"""The same of a test that looks at the whole box."""
MOST_AT_FIRST = 100
"""Of a large search a first batch need not be as large."""


class Need(NamedTuple):
    """What one more unit of evidence for a claim is, and how many there are.

    A unit is a network at each of the points, or a fresh point of each group.
    """

    stage: str
    groups: tuple[Mapping[str, Any], ...]
    """Conditions on parameters and derived quantities, which a point of each group is to meet."""
    points: tuple[Point, ...]
    """The points that are trained again; none where fresh ones are drawn."""
    stages: tuple[str, ...]
    """Of each of these points, all of the same budget."""
    paired: bool
    """Whether the groups' points agree in all that no group names."""
    there: int
    """Units that the test can look at by now."""
    least: int
    """Units of a first batch."""
    steps: float
    """Training steps of a unit, all its networks together."""
    until: int | None
    """The epoch at which all that the test looks at is known; None where that is the end."""
    gain: int | None
    """Values that a unit brings to the test; None where that cannot be said."""

    @property
    def next(self) -> int:
        """Units of the next batch: as many as there are, so that few looks get far."""
        return max(self.least, self.there)


def need(now: Moment, table: Table, test: Test, seen: Table) -> Need | str:
    """What a claim takes, or why evidence cannot serve it. `table`: the whole study's; `seen`: what the last look saw."""
    if reason := _unserved(now, table, test):
        return reason
    spec = now.study.spec
    parts = tuple(_on_points(spec, conditions) for conditions in groups(test))
    stage = _stage(table.search, spec, test, parts)
    if stage is None:
        return "no stage has begun"
    if spec.search.sampler == "grid":
        return _again(now, test, seen, stage, parts)
    there = min(int(rows.sum()) for rows in _usable(seen, test, stage))
    until = _until(table, test)
    steps = steps_of_networks(now, [trial.params for trial in now.trials(stage)], stage, until)
    each = len(parts) * spec.search.replicates * steps / len(now.trials(stage))
    paired, least = bool(getattr(test, "paired", False)), FEWEST if len(parts) > 1 else _least_of_a_box(table, test)
    return Need(stage, parts, (), (), paired, there, least, each, until, 1 if paired else len(parts))


def _least_of_a_box(table: Table, test: Test) -> int:
    """Enough for a fit over all parameters, and for the best to be as large a share of them as of the search."""
    best = min(MOST_AT_FIRST, sum(table.searched.values())) if isinstance(test, BestRegion) else 0
    return max(FEWEST_OF_A_BOX, 3 * len(table.parameters) + 6, best)


def _unserved(now: Moment, table: Table, test: Test) -> str | None:
    if any(ranks(test)):
        return "it chooses trials by their rank, which evidence has none of: `hpo study confirm` trains the best again"
    if not table.search.completed.any() and "diverged" not in set(looked_at(test, table.metric, table.columns)):
        return "no trial of the search has completed, and evidence at the same settings would fare no better"
    known = {stage.name for stage in now.study.spec.stage if stage.name in table.boxes}
    wanted = test.where.get("stage")
    if wanted is not None and wanted not in known:
        return f"its stage {wanted} has not begun"
    return None


def _until(table: Table, test: Test) -> int | None:
    """The last epoch that a test looks at, where it looks at nothing else."""
    ends = [metric.partition("@")[2] for metric in looked_at(test, table.metric, table.columns)]
    return max(map(int, ends)) if ends and all(end.isdigit() for end in ends) else None


def _on_points(spec: StudySpec, conditions: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a point can be chosen by; what is known after training alone is left to the test."""
    return {name: condition for name, condition in conditions.items() if name in spec.space or name in spec.derived}


def _stage(table: Table, spec: StudySpec, test: Test, parts: tuple[Mapping[str, Any], ...]) -> str | None:
    """The one that the claim names; else the first that has most of its smallest group, or of a whole box the first one."""
    begun = [stage.name for stage in spec.stage if stage.name in table.boxes]
    if "stage" in test.where:
        return str(test.where["stage"])
    counts = {stage: min(int((_rows(table, part) & (table.stages == stage)).sum()) for part in parts) for stage in begun}
    if len(parts) == 1:
        return next((stage for stage in begun if counts[stage]), begun[0] if begun else None)
    return max(begun, key=lambda stage: counts[stage], default=None)


def _rows(table: Table, part: Mapping[str, Any]) -> Truths:
    try:
        return matching(table, part)
    except Undecidable:
        return np.zeros(len(table), dtype=np.bool_)


def _usable(seen: Table, test: Test, stage: str) -> list[Truths]:
    """By group the trials of a stage that the test may look at."""
    here = seen.take(seen.stages == stage)
    fair = untouched(here, frozenset(looked_at(test, here.metric, here.columns))) & here.settled
    return [_rows(here, {name: c for name, c in part.items() if name != "stage"}) & fair for part in groups(test)]


def _again(now: Moment, test: Test, seen: Table, stage: str, parts: tuple[Mapping[str, Any], ...]) -> Need | str:
    """The points of a grid that the groups have, each on further networks.

    Stages of one budget count as one: there a claim may compare their points.
    """
    spec = now.study.spec
    named = "stage" in test.where
    alike = [one.name for one in spec.stage if one.name == stage or (not named and spec.budget(one.name) == spec.budget(stage))]
    trials = {trial.number: trial for trial in now.trials()}
    here = seen.search.take(np.isin(seen.search.stages, alike))
    by_group = [
        {canonical(trials[int(number)].params): trials[int(number)] for number in here.numbers[_rows(here, part)]}
        for part in parts
    ]
    if not all(by_group):
        return "no point of the grid lies in one of its groups"
    chosen = {key: trial for group in by_group for key, trial in group.items()}
    points = tuple(trial.params for trial in chosen.values())
    fresh = {int(cohort) for cohort in seen.cohorts[seen.evidence != ""]}
    networks = spec.search.replicates + _networks(now, fresh, set(chosen))
    until = _until(seen, test)
    steps = steps_of_networks(now, points, stage, until)
    gain = (1 if getattr(test, "paired", False) else len(points)) if _by_network(test, by_group) else None
    stages = tuple(str(stage_of(trial)) for trial in chosen.values())
    return Need(stage, parts, points, stages, False, networks, FEWEST, steps, until, gain)


def _by_network(test: Test, by_group: Sequence[Mapping[str, FrozenTrial]]) -> bool:
    """Whether each network is a value of its own: at a single point of each group, or along the one parameter of a trend."""
    if not isinstance(test, Trend):
        return all(len(points) == 1 for points in by_group)
    points = [trial.params for trial in by_group[0].values()]
    return all(len({canonical(point[name]) for point in points}) == 1 for name in points[0] if name != test.parameter)


def _networks(now: Moment, cohorts: set[int], points: set[str]) -> int:
    """Fresh networks that each of the points has by now in evidence for claims, the fewest."""
    counts = dict.fromkeys(points, 0)
    for trial in now.evidence:
        if cohort_of(trial) in cohorts and canonical(trial.params) in counts:
            counts[canonical(trial.params)] += len(networks_of(trial) or ())
    return min(counts.values())
