"""Kind `equivalence`: groups of trials differ by no more than a margin."""

from collections.abc import Iterator, Mapping
from functools import partial
from itertools import combinations
from typing import Annotated, Any, NamedTuple

from pydantic import Field, model_validator

from ...analysis.table import Table
from ...seeds import derive
from ..comparison import compare
from ..conditions import Conditions, worded
from ..contrast import within_pairs
from ..estimate import Estimate, Region, judge_all, more_for_all
from ..fairness import fair
from ..finding import Evidence
from ..options import Margin, Measured, Name
from ..pairs import of_metrics
from ..runs import runs
from ..samples import enough, notes, sample
from ..wording import amount, counted, interval, lower, subject

SOURCE = "Two one-sided tests (Schuirmann, 1987) at 2.5 % for every pair of groups; Welch's t (1947), intervals after Bonferroni"


class Equivalence(Measured):
    """The means of the metric differ by at most `margin`, in its own units, between any two of the groups."""

    groups: Annotated[tuple[Conditions, ...], Field(min_length=2, max_length=8)] | None = None
    against_metric: Name | None = None
    """Compare two metrics of the same networks instead of groups."""
    margin: Margin

    @model_validator(mode="after")
    def _check(self) -> "Equivalence":
        if (self.groups is None) == (self.against_metric is None):
            raise ValueError("give exactly one of groups and against_metric")
        return self

    def conditions(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Each condition of the test with its key."""
        yield "where", self.where
        for place, conditions in enumerate(self.groups or ()):
            yield f"groups.{place}", conditions


class _Pair(NamedTuple):
    """The difference between two groups: by itself, and with an interval that holds for all pairs at once."""

    alone: Estimate
    together: Estimate


@fair
def equivalence(table: Table, test: Equivalence) -> Evidence:
    """Put a claimed equality to the trials. The effect is the largest difference between any two groups.

    The upper end of its interval is the largest of the pairs', each by itself, as in the two one-sided tests; the lower end
    allows for the choice of the largest.
    """
    pairs, n, remarks = _measure(table, test)
    parts = [(pair.alone, Region(-test.margin, test.margin), n) for pair in pairs]
    holds, p = judge_all(parts)
    effect = max(abs(pair.alone.effect) for pair in pairs)
    low = max(max(0.0, pair.together.low, -pair.together.high) for pair in pairs)
    high = max(max(abs(pair.alone.low), abs(pair.alone.high)) for pair in pairs)
    return Evidence(
        _sentence(table, test, effect, low, high, n), effect, low, high, n, p, holds, partial(more_for_all, parts), remarks
    )


def _measure(table: Table, test: Equivalence) -> tuple[list[_Pair], int, tuple[str, ...]]:
    seed = derive(table.seed, "equivalence")
    if test.against_metric is not None:
        found = of_metrics(table, test.metric, test.against_metric, test.where)
        estimate = within_pairs(found, seed)
        return [_Pair(estimate, estimate)], len(found), ()
    metric = runs(table, test.metric)
    groups = test.groups or ()
    samples = [sample(table, metric, {**test.where, **conditions}) for conditions in groups]
    for one, conditions in zip(samples, groups, strict=True):
        enough(one, worded(conditions))
    couples = list(combinations(samples, 2))
    named = {name for conditions in groups for name in conditions}
    pairs = [_Pair(*(compare(table, couple, (1.0, -1.0), named, seed, n) for n in (1, len(couples)))) for couple in couples]
    return pairs, sum(len(one.values) for one in samples), notes(*samples)


def _sentence(table: Table, test: Equivalence, effect: float, low: float, high: float, n: int) -> str:
    metric = test.metric or table.metric
    limits = f"({interval(amount(metric, low), amount(metric, high))}; {counted(n, 'value')})"
    among = f" among trials with {worded(test.where)}" if test.where else ""
    if test.against_metric is not None:
        return f"{subject(metric)} and {lower(subject(test.against_metric))} differ by {amount(metric, effect)}{among} {limits}."
    groups = "; ".join(worded(conditions) for conditions in test.groups or ())
    return f"{subject(metric)} differs by at most {amount(metric, effect)} between {groups}{among} {limits}."
