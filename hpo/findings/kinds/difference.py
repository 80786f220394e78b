"""Kind `difference`: one group of trials does better, by so much, than another; or one metric exceeds another."""

from collections.abc import Iterator, Mapping
from math import inf
from typing import Any, Literal

from pydantic import Field, model_validator

from ...analysis.table import Table
from ...seeds import derive
from .. import contrast, hodges_lehmann, pairs
from ..comparison import compare, typical
from ..conditions import Conditions, worded
from ..estimate import Estimate, Region, conclude
from ..fairness import fair
from ..finding import Evidence
from ..options import Measured, Name
from ..runs import runs
from ..samples import binary, enough, notes, sample
from ..wording import amount, counted, interval, lower, outward, subject

SOURCE = (
    "Studentised permutation test (Janssen, 1997) and Welch's t (1947), the more cautious of both; Agresti and Caffo (2000)"
    " for shares; Hodges and Lehmann (1963) with Brunner and Munzel's test (2000)"
)


class Difference(Measured):
    """The metric is higher (or lower) with `group` than with `against`, by at least and at most so much in its own units."""

    group: Conditions = Field(default_factory=dict)
    against: Conditions = Field(default_factory=dict)
    direction: Literal["higher", "lower"]
    at_least: float = 0.0
    at_most: float | None = None
    paired: bool = False
    """Compare only trials that agree in every other parameter, replicate by replicate."""
    against_metric: Name | None = None
    """Compare two metrics of the same networks instead of two groups."""
    average: Literal["mean", "hodges-lehmann"] = "mean"
    """hodges-lehmann: the median difference, which a few runs gone wrong do not move."""

    @model_validator(mode="after")
    def _check(self) -> "Difference":
        if self.against_metric is None and not (self.group and self.against):
            raise ValueError("give group and against, or against_metric")
        if self.against_metric is not None and self.against:
            raise ValueError("give against or against_metric, not both")
        if self.at_least < 0 or (self.at_most is not None and self.at_most <= self.at_least):
            raise ValueError(f"at_least is 0 or more and below at_most, got {self.at_least:g} and {self.at_most}")
        if self.average == "hodges-lehmann" and (self.paired or self.against_metric):
            raise ValueError("average = 'hodges-lehmann' compares two groups that are not paired")
        return self

    def conditions(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Each condition of the test with its key."""
        yield from (("where", self.where), ("group", self.group), ("against", self.against))

    @property
    def region(self) -> Region:
        """Differences, group less against, of which the claim is true."""
        most = inf if self.at_most is None else self.at_most
        return Region(self.at_least, most) if self.direction == "higher" else Region(-most, -self.at_least)


@fair
def difference(table: Table, test: Difference) -> Evidence:
    """Put a claimed difference to the trials."""
    estimate, size, n, remarks = _measure(table, test)
    return conclude(_sentence(table, test, estimate, size), estimate, test.region, n, remarks)


def _measure(table: Table, test: Difference) -> tuple[Estimate, str, int, tuple[str, ...]]:
    """The difference, how large the samples are in words, how many units there are, and notes."""
    seed = derive(table.seed, "difference")
    group, against = {**test.where, **test.group}, {**test.where, **test.against}
    if test.against_metric is not None or test.paired:
        found = (
            pairs.of_metrics(table, test.metric, test.against_metric, group)
            if test.against_metric is not None
            else pairs.of_groups(table, test.metric, group, against)
        )
        return contrast.within_pairs(found, seed), counted(len(found), "pair"), len(found), ()
    metric, named = runs(table, test.metric), {*test.group, *test.against}
    first, second = sample(table, metric, group), sample(table, metric, against)
    enough(first, worded(test.group))
    enough(second, worded(test.against))
    if test.average == "hodges-lehmann" and not binary(first, second):
        estimate = typical(table, first, second, named, seed)
    else:
        estimate = compare(table, (first, second), (1.0, -1.0), named, seed)
    remarks = [*notes(first, second)]
    if test.average == "hodges-lehmann" and max(len(first.values), len(second.values)) > hodges_lehmann.MOST:
        remarks.append(f"at most {hodges_lehmann.MOST:,} of a group, drawn at random")
    return estimate, f"{first.size} against {second.size}", len(first.values) + len(second.values), tuple(remarks)


def _sentence(table: Table, test: Difference, estimate: Estimate, size: str) -> str:
    metric = test.metric or table.metric
    low, high = outward(estimate)
    limits = f"({interval(amount(metric, low), amount(metric, high))}; {size})"
    among = f" among trials with {worded(test.where)}" if test.where else ""
    way = f"{subject(metric)} is {amount(metric, abs(estimate.effect))} {'higher' if estimate.effect >= 0 else 'lower'}"
    if test.against_metric is not None:
        who = f" with {worded(test.group)}" if test.group else ""
        return f"{way} than {lower(subject(test.against_metric))}{who}{among} {limits}."
    return f"{way} with {worded(test.group)} than with {worded(test.against)}{among} {limits}."
