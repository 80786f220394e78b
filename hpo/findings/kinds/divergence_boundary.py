"""Kind `divergence-boundary`: beyond some value of a parameter, within a stated interval, most trials diverge."""

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any, Literal

import numpy as np
from pydantic import Field, model_validator

from ...analysis.stability import Profile, p_among_comparable, profile
from ...analysis.table import Table, Unanswered
from ..conditions import Conditions
from ..estimate import Estimate, Region, judge, more
from ..events import befell, divergence, events, of_stages, quantity
from ..fairness import fair
from ..finding import Evidence, Undecidable
from ..options import Name, Test
from ..wording import counted, interval, number

SOURCE = "Logistic regression with Firth's penalty (1993); interval and p of its profile (Heinze and Schemper, 2002)"


class DivergenceBoundary(Test):
    """The value of the parameter at which half of the trials diverge lies within [low, high]."""

    parameter: Name
    low: float
    high: float
    side: Literal["above", "below"] = "above"
    """Where they diverge."""
    event: Conditions = Field(default_factory=divergence)
    """What counts as having diverged."""

    @model_validator(mode="after")
    def _check(self) -> "DivergenceBoundary":
        if not self.low < self.high:
            raise ValueError(f"low must be below high, got low={self.low:g} and high={self.high:g}")
        return self

    def conditions(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Each condition of the test with its key."""
        yield from (("where", self.where), ("event", self.event))

    def parameters(self) -> Iterator[tuple[str, str]]:
        """Each name of a parameter or derived quantity in the test, with its key."""
        yield "parameter", self.parameter


@fair
def divergence_boundary(table: Table, test: DivergenceBoundary) -> Evidence:
    """Put a claimed boundary to the trials. The effect is the value at which half of them diverge."""
    column = quantity(table, test.parameter)
    rows, happened = events(table, test.where, test.event)
    if not (rows & happened).any() or not (rows & ~happened).any():
        which = "all" if (rows & happened).any() else "none"
        raise Undecidable(f"{which} of {counted(int(rows.sum()), 'trial')} {befell(test.event)}", int(rows.sum()))
    found = profile(table, test.parameter, rows, happened)
    if isinstance(found, Unanswered):
        raise Undecidable(found.reason, int(rows.sum()))
    estimate, n = _estimate(found), len(found.events)
    region = Region(*map(float, column.scale(np.array([test.low, test.high]))))
    holds, p = judge(estimate, region) if found.side == test.side else (False, found.p_slope())
    p = max(p, p_among_comparable(table, test.parameter, rows, happened))
    at, low, high = map(float, column.unscale(np.array([estimate.effect, estimate.low, estimate.high])))
    words = sentence(test.parameter, test.event, found.side, (at, low, high), (int(found.events.sum()), n))
    return Evidence(words, at, low, high, n, p, holds, partial(more, estimate, region, n), of_stages(table, rows))


def sentence(
    parameter: str, event: Mapping[str, Any], side: str, place: tuple[float, float, float], counts: tuple[int, int]
) -> str:
    """A boundary in words: `place` is where it is and its interval, `counts` the trials with the event and all of them."""
    at, low, high = map(number, place)
    return (
        f"{side.capitalize()} {parameter} {at} ({interval(low, high)}) more than half of the trials {befell(event)};"
        f" {counts[0]:,} of all {counted(counts[1], 'trial')} did."
    )


def _estimate(found: Profile) -> Estimate:
    """On the parameter's own scale."""
    from scipy.special import chdtrc

    low, high = found.interval()
    return Estimate(found.at, (high - low) / 3.92, low, high, lambda border: float(chdtrc(1, found.deviance(border))))
