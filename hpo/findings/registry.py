"""Every kind of test, by the name that a study file gives it."""

from collections.abc import Callable
from typing import Any, NamedTuple

from ..analysis.table import Table
from .finding import Evidence
from .kinds import (
    best_region,
    best_shifts,
    cliff,
    difference,
    divergence_boundary,
    equivalence,
    importance_order,
    interaction,
    threshold,
    trend,
)
from .options import Test


class Kind(NamedTuple):
    """A kind of test: the section that checks its options, the function that applies it, and where its method comes from."""

    options: type[Test]
    measure: Callable[[Table, Any], Evidence]
    source: str


KINDS: dict[str, Kind] = {
    "best-region": Kind(best_region.BestRegion, best_region.best_region, best_region.SOURCE),
    "best-shifts": Kind(best_shifts.BestShifts, best_shifts.best_shifts, best_shifts.SOURCE),
    "cliff": Kind(cliff.Cliff, cliff.cliff, cliff.SOURCE),
    "difference": Kind(difference.Difference, difference.difference, difference.SOURCE),
    "divergence-boundary": Kind(
        divergence_boundary.DivergenceBoundary, divergence_boundary.divergence_boundary, divergence_boundary.SOURCE
    ),
    "equivalence": Kind(equivalence.Equivalence, equivalence.equivalence, equivalence.SOURCE),
    "importance-order": Kind(importance_order.ImportanceOrder, importance_order.importance_order, importance_order.SOURCE),
    "interaction": Kind(interaction.Interaction, interaction.interaction, interaction.SOURCE),
    "threshold": Kind(threshold.Threshold, threshold.threshold, threshold.SOURCE),
    "trend": Kind(trend.Trend, trend.trend, trend.SOURCE),
}
