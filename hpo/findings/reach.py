"""Claims that no result of a study could decide, told before it is run."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from ..analysis.holm import holm
from ..spec import StudySpec
from .checking import check, parse
from .concordance import concordance
from .design import grid_points, points, units
from .fairness import looked_at
from .finding import LEVEL
from .groups import groups
from .hodges_lehmann import shift
from .kinds.best_region import BestRegion
from .kinds.cliff import Cliff
from .kinds.difference import Difference
from .kinds.equivalence import Equivalence
from .kinds.interaction import Interaction
from .kinds.threshold import Threshold
from .kinds.trend import FEWEST, Trend
from .looks import SEARCH
from .options import Measured, Test
from .proportions import difference, share
from .wording import counted, number

MOST = 200
"""Units that are looked at: more bring any p."""


class Reach(NamedTuple):
    """The most that a plan can bring for a claim."""

    p: float
    """The smallest p, whatever the trials come to; 1 where nothing can be tested."""
    why: str
    """What makes it no smaller."""
    enough: Callable[[float], str]
    """What would bring p down to a level."""


ANY = Reach(0.0, "", lambda level: "")
"""As small as one likes."""


def out_of_reach(spec: StudySpec) -> list[str]:
    """A sentence for each claim that no result of the study could decide, with what would do. Claims with faults are left out."""
    tests = [(finding.claim, parse(finding.test)) for finding in spec.finding if not check(finding.test, spec)]
    pruned = [(claim, reason) for claim, test in tests if (reason := _pruned(test, spec))]
    found = [(claim, _reach(test, spec)) for claim, test in tests if not _pruned(test, spec)]
    corrected = holm([min(1.0, reach.p / SEARCH) for _, reach in found])
    lacking = [(claim, _told(reach, len(found))) for (claim, reach), p in zip(found, corrected, strict=True) if p > LEVEL]
    return [f"no result of the search alone can decide the claim '{claim}': {reason}" for claim, reason in (*pruned, *lacking)]


def _told(reach: Reach, claims: int) -> str:
    level = LEVEL * SEARCH / claims
    if reach.p == 1:
        return f"{reach.why}; {reach.enough(level)} would do"
    among = f"among {claims} claims " if claims > 1 else ""
    least = f"with {reach.why} p cannot fall below {number(reach.p)}"
    return f"{least}, and {among}it must not exceed {number(level)}; {reach.enough(level)} would do"


def _pruned(test: Test, spec: StudySpec) -> str | None:
    """Why a pruner will leave nothing to be compared."""
    if spec.search.pruner in ("none", "checked-halving"):
        return None
    late = [name for name in looked_at(test, spec.search.metric, {*spec.space, *spec.derived}) if _after_pruning(name, spec)]
    if not late:
        return None
    first = _first_rung(spec)
    early = f", or metric = '{spec.search.metric}@{first}'" if first and isinstance(test, Measured) else ""
    return (
        f"{spec.search.pruner} chooses by their values which trials go on, so that those that come to their end are no fair"
        f" sample; search.pruner = 'none' or 'checked-halving'{early} would do"
    )


def _after_pruning(metric: str, spec: StudySpec) -> bool:
    name, _, at = metric.partition("@")
    first = _first_rung(spec)
    return name != "diverged" and (not at or (first is not None and int(at) > first))


def _first_rung(spec: StudySpec) -> int | None:
    """The epoch at which a halving pruner first looks; None where that is not known beforehand."""
    from ..search.rungs import rung_epochs

    if spec.search.pruner not in ("successive-halving", "hyperband") or spec.training.epochs is None:
        return None
    return rung_epochs(spec.search, spec.training.epochs)[0]


def _reach(test: Test, spec: StudySpec) -> Reach:
    match test:
        case BestRegion():
            return _of_region(test, spec)
        case Trend():
            return _of_trend(test, spec)
        case Threshold():
            return _of_threshold(test, spec)
        case Difference() | Equivalence() | Cliff() | Interaction():
            return _of_groups(groups(test), test, spec)
    return ANY


def _of_groups(parts: list[Mapping[str, Any]], test: Measured, spec: StudySpec) -> Reach:
    """Two units in each group; where shares or ranks are compared, as many as these need."""
    metric = test.metric or spec.search.metric
    shared = spec.search.sampler != "grid"
    most = [max(1, stage.trials - 2 * (len(parts) - 1)) if shared else MOST for stage in spec.stage]
    counts = np.array(
        [[min(units(spec, stage, one, metric), left) for one in parts] for stage, left in zip(spec.stage, most, strict=True)]
    )
    alone = {name for group in parts for name in group} >= set(spec.space)
    n, m = (int(part) for part in _sizes(counts.sum(axis=0) if alone else counts[counts.min(axis=1).argmax()]))
    if min(n, m) < 2:
        lacks = "one value of a group shows nothing of chance" if min(n, m) else "no trial can be in one of its groups"
        return Reach(1.0, lacks, lambda level: "search.replicates of 3 or more, or more trials in each group,")
    if isinstance(test, Difference) and metric == "diverged":
        return _enough_of(lambda k: difference(np.ones(k), np.zeros(k)).p(test.at_least), min(n, m), "trials in each group")
    if isinstance(test, Difference) and test.average == "hodges-lehmann":
        return _enough_of(_apart, min(n, m), "values in each group")
    return ANY


def _apart(count: int) -> float:
    low = np.arange(count, dtype=np.float64)
    return shift([(low + 2.0 * count, low)], 0).p(0.0)


def _sizes(counts: Any) -> tuple[int, int]:
    """The largest and the smallest group."""
    return int(max(counts)), int(min(counts))


def _enough_of(p: Callable[[int], float], count: int, what: str, fewest: int = 2) -> Reach:
    """Where p falls with the number of units."""

    def enough(level: float) -> str:
        needed = next((k for k in range(fewest, MOST + 1) if p(k) <= level), None)
        return f"{needed} {what}" if needed else f"more than {MOST} {what}"

    count = min(count, MOST)
    return Reach(p(count) if count >= fewest else 1.0, f"{count} {what}", enough)


def _of_region(test: BestRegion, spec: StudySpec) -> Reach:
    """All of the best inside, or none."""
    total = sum(points(spec, stage, test.where) for stage in spec.stage)
    if total <= test.top:
        told = f"the {test.top} best of {counted(total, 'trial')} are all there are"
        return Reach(1.0, told, lambda level: f"more than {test.top} trials")
    found = _enough_of(lambda k: share(k, k).p(0.5), test.top, "", 5)
    return found._replace(why=f"top = {test.top}", enough=lambda level: f"top = {found.enough(level).strip()}")


def _of_trend(test: Trend, spec: StudySpec) -> Reach:
    """All values in order."""
    metric = test.metric or spec.search.metric
    parts = [_values(test, spec, stage.name, metric) for stage in spec.stage]
    labels = np.repeat([stage.name for stage in spec.stage], [len(part) for part in parts])
    x = np.concatenate(parts)
    found = _enough_of(_in_order, len(x), f"trials along {test.parameter}", FEWEST)
    if len(x) < FEWEST or all(np.ptp(part) == 0 for part in parts if len(part)):
        return found._replace(p=1.0, why=f"{counted(len(x), 'trial')} cannot show a trend along {test.parameter}")
    return found._replace(p=concordance(x, x, 0, labels).p(0.5))


def _in_order(count: int) -> float:
    x = np.arange(float(count))
    return concordance(x, x, 0).p(0.5)


def _values(test: Trend, spec: StudySpec, name: str, metric: str) -> Any:
    """The parameter's value for each unit of a stage, as different as they can be."""
    stage = next(stage for stage in spec.stage if stage.name == name)
    count = points(spec, stage, test.where)
    if spec.search.sampler != "grid" or test.parameter not in spec.space:
        return np.arange(float(min(count, MOST)))
    visited = list(grid_points(spec, stage, test.where))[:count]
    only = all(len({point[other] for point in visited}) <= 1 for other in spec.space if other != test.parameter)
    networks = spec.search.replicates if only and metric not in ("seconds", "diverged") else 1
    return np.repeat([float(point[test.parameter]) for point in visited], networks)[:MOST]


def _of_threshold(test: Threshold, spec: StudySpec) -> Reach:
    """The event never below, always above."""
    count = sum(points(spec, stage, test.where) for stage in spec.stage) - 1
    return _enough_of(lambda k: max(share(0, k).p(test.rare), share(k, k).p(test.common)), count, "trials on one side", 1)
