"""Kind `threshold`: an event, such as failure, is rare below one value of a quantity and common above another."""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Annotated, Any

import numpy as np
from pydantic import Field, model_validator

from ...analysis.table import Floats, Table
from .. import proportions
from ..conditions import Conditions, worded
from ..estimate import Estimate, Region, judge_all, more_for_all
from ..events import befell, divergence, events, of_stages, quantity
from ..fairness import fair
from ..finding import Evidence, Undecidable
from ..options import Name, Test
from ..wording import counted, interval, percent

SOURCE = "Mid-p binomial tests of both shares (Lancaster, 1961); interval of their difference by Agresti and Caffo (2000)"

Share = Annotated[float, Field(ge=0, le=1)]


class Threshold(Test):
    """At `quantity` below `below` the share of trials with the event is at most `rare`, above `above` at least `common`."""

    quantity: Name
    """A parameter or a derived quantity."""
    below: float
    above: float
    event: Conditions = Field(default_factory=divergence)
    rare: Share = 0.05
    common: Share = 0.5

    @model_validator(mode="after")
    def _check(self) -> "Threshold":
        if self.below > self.above:
            raise ValueError(f"below must not exceed above, got below={self.below:g} and above={self.above:g}")
        if not self.rare < self.common:
            raise ValueError(f"rare must be below common, got rare={self.rare:g} and common={self.common:g}")
        return self

    def conditions(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Each condition of the test with its key."""
        yield from (("where", self.where), ("event", self.event))

    def parameters(self) -> Iterator[tuple[str, str]]:
        """Each name of a parameter or derived quantity in the test, with its key."""
        yield "quantity", self.quantity


@fair
def threshold(table: Table, test: Threshold) -> Evidence:
    """Put a claimed threshold to the trials. The effect is the share above less the share below."""
    low, high, remarks = _sides(table, test)
    parts = [
        (proportions.share(int(low.sum()), len(low)), Region(high=test.rare), len(low)),
        (proportions.share(int(high.sum()), len(high)), Region(low=test.common), len(high)),
    ]
    holds, p = judge_all(parts)
    apart = proportions.difference(high, low)
    sentence, n = _sentence(test, low, high, apart), len(low) + len(high)
    return Evidence(sentence, apart.effect, apart.low, apart.high, n, p, holds, partial(more_for_all, parts), remarks)


def _sides(table: Table, test: Threshold) -> tuple[Floats, Floats, tuple[str, ...]]:
    """Whether the event came about, by trial below and by trial above, and notes."""
    values = quantity(table, test.quantity).values
    rows, happened = events(table, test.where, test.event)
    with np.errstate(invalid="ignore"):
        low, high = (happened[rows & side].astype(np.float64) for side in (values < test.below, values >= test.above))
    for side, words in ((low, f"below {test.below:g}"), (high, f"from {test.above:g}")):
        if not side.size:
            raise Undecidable(f"no trial has {test.quantity} {words}", len(low) + len(high))
    return low, high, of_stages(table, rows)


def _sentence(test: Threshold, low: Floats, high: Floats, apart: Estimate) -> str:
    among = f" among trials with {worded(test.where)}" if test.where else ""
    limits = interval(percent(apart.low), percent(apart.high))
    return (
        f"With {test.quantity} below {test.below:g}, {int(low.sum())} of {counted(len(low), 'trial')} {befell(test.event)};"
        f" from {test.above:g} up, {int(high.sum())} of {len(high):,}{among} (difference {percent(apart.effect)}, {limits})."
    )
