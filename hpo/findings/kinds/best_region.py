"""Kind `best-region`: the best trials lie within an interval of a parameter."""

from collections.abc import Iterator
from typing import Annotated

import numpy as np
from pydantic import Field, model_validator

from ...analysis.metrics import better_when_higher
from ...analysis.table import Floats, Integers, Table, Truths
from ..conditions import matching, worded
from ..estimate import Region, judge, more
from ..events import quantity
from ..finding import Evidence, Undecidable
from ..options import Measured, Name
from ..proportions import share
from ..runs import means
from ..wording import counted, interval, lower, percent, subject

SOURCE = "Mid-p binomial test of a majority (Lancaster, 1961) together with the hypergeometric test of enrichment (Fisher, 1935)"


class BestRegion(Measured):
    """Most of the `top` best trials have the parameter within [low, high], and more than its share of all trials explains."""

    parameter: Name
    low: float
    high: float
    top: Annotated[int, Field(ge=5)] = 5
    """At least 5: fewer cannot show a majority, since even 4 of 4 come about by chance once in 16."""

    @model_validator(mode="after")
    def _check(self) -> "BestRegion":
        if not self.low < self.high:
            raise ValueError(f"low must be below high, got low={self.low:g} and high={self.high:g}")
        return self

    def parameters(self) -> Iterator[tuple[str, str]]:
        """Each name of a parameter or derived quantity in the test, with its key."""
        yield "parameter", self.parameter


def best_region(table: Table, test: BestRegion) -> Evidence:
    """Put a claimed region of the best to the trials. The effect is the share of the best trials that lies in it.

    Trials that were pruned or diverged count as none of the best.
    """
    inside, best = _members(table, test)
    n, among_best = len(inside), int(inside[best].sum())
    estimate = share(among_best, test.top)
    region = Region(low=0.5)
    holds, p = judge(estimate, region)
    if holds:
        p = max(p, _enrichment(among_best, test.top, int(inside.sum()), n))
    metric = lower(subject(test.metric or table.metric))
    among = f" with {worded(test.where)}" if test.where else ""
    sentence = (
        f"{among_best} of the {test.top} best trials{among} by {metric} have {test.parameter} from {test.low:g} to {test.high:g}"
        f" ({percent(estimate.effect)}, {interval(percent(estimate.low), percent(estimate.high))}), and so do"
        f" {int(inside.sum()) - among_best} of the other {counted(n - test.top, 'trial')}."
    )
    besides = more(estimate, region, test.top)
    return Evidence(sentence, estimate.effect, estimate.low, estimate.high, n, p, holds, besides and -(-besides * n // test.top))


def _members(table: Table, test: BestRegion) -> tuple[Truths, Truths]:
    """By trial that the claim speaks of: whether it lies in the region, and whether it is one of the best."""
    column = quantity(table, test.parameter)
    metric = test.metric or table.metric
    rows = matching(table, test.where) & table.settled & np.isfinite(column.values)
    sign = 1.0 if better_when_higher(table, metric) else -1.0
    score = np.nan_to_num(sign * means(table, metric)[rows], nan=-np.inf)
    valued = int(np.isfinite(score).sum())
    if valued < test.top or len(score) <= test.top:
        reason = f"to tell the {test.top} best takes more than {test.top} trials, and there are {valued}"
        raise Undecidable(reason, valued, test.top + 1 - valued)
    best = np.zeros(len(score), dtype=np.bool_)
    best[np.argsort(-score, kind="stable")[: test.top]] = True
    values = column.values[rows]
    return np.asarray((values >= test.low) & (values <= test.high)), best


def _enrichment(found: int, top: int, inside: int, n: int) -> float:
    """Two-sided mid-p that so many of the top fall inside when rank has nothing to do with the region."""
    counts = np.arange(max(0, top - (n - inside)), min(top, inside) + 1)
    shares = np.exp(_ways(inside, counts) + _ways(n - inside, top - counts) - _ways(n, np.array(top)))
    exactly = float(shares[counts == found].sum()) / 2
    return min(1.0, 2 * min(float(shares[counts > found].sum()), float(shares[counts < found].sum())) + 2 * exactly)


def _ways(whole: int, parts: Integers) -> Floats:
    """Logarithm of the number of ways to choose so many of a whole."""
    from scipy.special import gammaln

    return np.asarray(gammaln(whole + 1) - gammaln(parts + 1) - gammaln(whole - parts + 1), dtype=np.float64)
