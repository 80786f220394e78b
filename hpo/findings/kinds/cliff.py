"""Kind `cliff`: beyond a value of a parameter the metric is worse, by so much, than in a range that is said to be good."""

from collections.abc import Iterator, Mapping
from typing import Any

from ...analysis.metrics import better_when_higher
from ...analysis.table import Table
from ...seeds import derive
from ..comparison import compare
from ..conditions import Bound, Interval, worded
from ..estimate import Estimate, Region, conclude
from ..fairness import fair
from ..finding import Evidence
from ..options import Margin, Measured, Name
from ..runs import runs
from ..samples import Sample, enough, notes, sample
from ..wording import amount, interval, outward, subject

SOURCE = "Studentised permutation test (Janssen, 1997) and Welch's t (1947), the more cautious of both"


class Cliff(Measured):
    """The mean of the metric is worse by at least `drop`, in its own units, `beyond` a bound than `near` it."""

    parameter: Name
    near: Interval
    """The range of the parameter that is said to be good."""
    beyond: Bound
    drop: Margin

    def parameters(self) -> Iterator[tuple[str, str]]:
        """Each name of a parameter or derived quantity in the test, with its key."""
        yield "parameter", self.parameter


@fair
def cliff(table: Table, test: Cliff) -> Evidence:
    """Put a claimed cliff to the trials. The effect is by how much the metric is worse beyond."""
    near, beyond = (_side(table, test, {test.parameter: part}) for part in (test.near, test.beyond))
    better_first = better_when_higher(table, test.metric or table.metric)
    first, second = (near, beyond) if better_first else (beyond, near)
    estimate = compare(table, (first, second), (1.0, -1.0), {test.parameter}, derive(table.seed, "cliff"))
    sentence = _sentence(table, test, estimate, f"{beyond.size} against {near.size}")
    return conclude(sentence, estimate, Region(low=test.drop), len(near.values) + len(beyond.values), notes(near, beyond))


def _side(table: Table, test: Cliff, conditions: Mapping[str, Any]) -> Sample:
    found = sample(table, runs(table, test.metric), {**test.where, **conditions})
    enough(found, worded(conditions))
    return found


def _sentence(table: Table, test: Cliff, estimate: Estimate, size: str) -> str:
    metric = test.metric or table.metric
    low, high = outward(estimate)
    way = "worse" if estimate.effect >= 0 else "better"
    among = f" among trials with {worded(test.where)}" if test.where else ""
    beyond, near = worded({test.parameter: test.beyond}), worded({test.parameter: test.near})
    return (
        f"{subject(metric)} is {amount(metric, abs(estimate.effect))} {way} with {beyond} than with {near}{among}"
        f" ({interval(amount(metric, low), amount(metric, high))}; {size})."
    )
