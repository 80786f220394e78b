"""Kind `interaction`: a difference is larger under one condition than under another."""

from collections.abc import Iterator, Mapping
from math import inf
from typing import Any, Literal

from pydantic import model_validator

from ...analysis.table import Table
from ...seeds import derive
from ..comparison import compare
from ..conditions import Conditions, worded
from ..estimate import Estimate, Region, conclude
from ..fairness import fair
from ..finding import Evidence
from ..options import Measured
from ..runs import runs
from ..samples import enough, notes, sample
from ..wording import amount, counted, interval, lower, outward, subject

SOURCE = (
    "Difference of two differences of means, with Satterthwaite's degrees of freedom (1946); Price and Bonett (2004) for shares"
)


class Interaction(Measured):
    """What `group` gains over `against` is larger (or smaller) with `when` than with `than`, by at least so much."""

    group: Conditions
    against: Conditions
    when: Conditions
    than: Conditions
    direction: Literal["larger", "smaller"] = "larger"
    """Of the difference group less against, with its sign: 0.1 is larger than -0.3."""
    at_least: float = 0.0

    @model_validator(mode="after")
    def _check(self) -> "Interaction":
        if not all((self.group, self.against, self.when, self.than)):
            raise ValueError("group, against, when and than each name a condition")
        if self.at_least < 0:
            raise ValueError(f"at_least is 0 or more, got {self.at_least:g}")
        return self

    def conditions(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Each condition of the test with its key."""
        for key in ("where", "group", "against", "when", "than"):
            yield key, getattr(self, key)

    @property
    def region(self) -> Region:
        """Differences of differences of which the claim is true."""
        return Region(self.at_least, inf) if self.direction == "larger" else Region(-inf, -self.at_least)


@fair
def interaction(table: Table, test: Interaction) -> Evidence:
    """Put a claimed interaction to the trials."""
    metric = runs(table, test.metric)
    cells = [(group, when) for when in (test.when, test.than) for group in (test.group, test.against)]
    samples = [sample(table, metric, {**test.where, **when, **group}) for group, when in cells]
    for one, (group, when) in zip(samples, cells, strict=True):
        enough(one, worded({**group, **when}))
    seed, named = derive(table.seed, "interaction"), {*test.group, *test.against, *test.when, *test.than}
    estimate = compare(table, samples, (1.0, -1.0, -1.0, 1.0), named, seed)
    here, there = (compare(table, pair, (1.0, -1.0), named, seed).effect for pair in (samples[:2], samples[2:]))
    n = sum(len(one.values) for one in samples)
    return conclude(_sentence(table, test, estimate, (here, there), n), estimate, test.region, n, notes(*samples))


def _sentence(table: Table, test: Interaction, estimate: Estimate, gains: tuple[float, float], n: int) -> str:
    metric = test.metric or table.metric
    low, high = outward(estimate)
    here, there = (
        f"by {amount(metric, gain)} with {worded(part)}" for gain, part in zip(gains, (test.when, test.than), strict=True)
    )
    return (
        f"From {worded(test.against)} to {worded(test.group)}, {lower(subject(metric))} changes {here} and {there}:"
        f" {amount(metric, abs(estimate.effect))} {'larger' if estimate.effect >= 0 else 'smaller'}"
        f" ({interval(amount(metric, low), amount(metric, high))}; {counted(n, 'value')})."
    )
