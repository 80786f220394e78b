"""Kind `trend`: the metric rises, or falls, with a parameter."""

from collections.abc import Iterator

import numpy as np

from ...analysis.table import Floats, Table, Truths
from ...seeds import derive
from ..concordance import MOST, concordance
from ..conditions import matching, worded
from ..estimate import Estimate, Region, conclude
from ..events import quantity
from ..fairness import fair
from ..finding import Evidence, Undecidable
from ..options import Measured, Name, Rise
from ..runs import runs
from ..samples import Sample, notes, units
from ..strata import strata
from ..wording import interval, lower, percent, subject

SOURCE = "Share of the pairs in order (Somers, 1962), with the jackknife's interval and p, and Kendall's tau (1938)"
FEWEST = 4


class Trend(Measured):
    """Of two trials, the one with more of `parameter` tends to have more (rising) or less (falling) of the metric."""

    parameter: Name
    direction: Rise

    def parameters(self) -> Iterator[tuple[str, str]]:
        """Each name of a parameter or derived quantity in the test, with its key."""
        yield "parameter", self.parameter


@fair
def trend(table: Table, test: Trend) -> Evidence:
    """Put a claimed trend to the trials. The effect is the share of pairs of trials in which more goes with more."""
    x, found = _units(table, test)
    if len(x) < FEWEST or np.ptp(x) == 0:
        differ = "" if len(x) < FEWEST else " that all have the same one"
        raise Undecidable(f"{found.size}{differ} cannot show a trend along {test.parameter}", len(x), max(1, FEWEST - len(x)))
    labels = strata(table, found.rows, {test.parameter})
    if all(np.ptp(x[labels == label]) == 0 for label in np.unique(labels)):
        raise Undecidable(f"{test.parameter} varies within no stage, and trials of different stages cannot be compared", len(x))
    estimate = concordance(x, found.values, derive(table.seed, "trend"), labels)
    region = Region(low=0.5) if test.direction == "rising" else Region(high=0.5)
    thinned = (f"{MOST:,} of them, drawn at random",) if len(x) > MOST else ()
    return conclude(_sentence(table, test, estimate, found), estimate, region, min(len(x), MOST), (*notes(found), *thinned))


def _sentence(table: Table, test: Trend, estimate: Estimate, found: Sample) -> str:
    metric = lower(subject(test.metric or table.metric))
    among = f" among trials with {worded(test.where)}" if test.where else ""
    way, share, low, high = (
        ("higher", estimate.effect, estimate.low, estimate.high)
        if estimate.effect >= 0.5
        else ("lower", 1 - estimate.effect, 1 - estimate.high, 1 - estimate.low)
    )
    return (
        f"Of two trials{among}, the one with the larger {test.parameter} has the {way} {metric} in {percent(share)} of the cases"
        f" ({interval(percent(low), percent(high))}; {found.size})."
    )


def _units(table: Table, test: Trend) -> tuple[Floats, Sample]:
    """Values of the parameter and of the metric. Networks are units of their own where nothing but the parameter varies."""
    column = quantity(table, test.parameter)
    rows = matching(table, test.where) & np.isfinite(column.values)
    found = units(table, runs(table, test.metric), rows, apart=_only(table, rows, test.parameter))
    return column.values[found.rows], found


def _only(table: Table, rows: Truths, parameter: str) -> bool:
    """Whether no other parameter varies among these trials."""
    return all(column.take(np.flatnonzero(rows)).constant for column in table.parameters if column.name != parameter)
