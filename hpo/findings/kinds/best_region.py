"""Kind `best-region`: the best trials lie within an interval of a parameter."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated, NamedTuple

import numpy as np
from pydantic import Field, model_validator

from ...analysis.metrics import better_when_higher
from ...analysis.table import Floats, Integers, Table, Texts, Truths, there_are
from ..conditions import matching, worded
from ..estimate import Estimate, Region, judge, more
from ..events import quantity
from ..fairness import fair
from ..finding import Evidence, Undecidable
from ..options import Measured, Name
from ..proportions import share
from ..runs import means
from ..wording import counted, interval, lower, percent, subject

SOURCE = "Mid-p binomial test of a majority (Lancaster, 1961) together with the hypergeometric test of enrichment (Fisher, 1935)"


FEWEST = 5
"""Fewer of the best cannot show a majority, since even 4 of 4 come about by chance once in 16."""


class BestRegion(Measured):
    """Most of the `top` best trials have the parameter within [low, high], and more than its share of all trials explains."""

    parameter: Name
    low: float
    high: float
    top: Annotated[int, Field(ge=FEWEST)] = 5

    @model_validator(mode="after")
    def _check(self) -> "BestRegion":
        if not self.low < self.high:
            raise ValueError(f"low must be below high, got low={self.low:g} and high={self.high:g}")
        return self

    def parameters(self) -> Iterator[tuple[str, str]]:
        """Each name of a parameter or derived quantity in the test, with its key."""
        yield "parameter", self.parameter


class _Trials(NamedTuple):
    """The trials that say something about a region, each array by trial."""

    inside: Truths
    best: Truths
    stages: Texts
    left_out: int
    """Trials of stages that lie wholly inside or wholly outside the region."""

    @property
    def top(self) -> int:
        """How many are the best."""
        return int(self.best.sum())


@fair
def best_region(table: Table, test: BestRegion) -> Evidence:
    """Put a claimed region of the best to the trials. The effect is the share of the best trials that lies in it.

    A diverged trial is none of the best. A stage whose box lies wholly inside or outside the region says nothing about it and
    is left out.
    """
    table = _of_one_box(table)
    found = _trials(table, test)
    n, among_best = len(found.inside), int(found.inside[found.best].sum())
    estimate, region = share(among_best, found.top), Region(low=0.5)
    holds, p = judge(estimate, region)
    # Where the sampler or a narrowed box has gathered trials, most of the best come from there, for the claim or against it.
    if holds or not table.independent or len(np.unique(found.stages)) > 1:
        p = max(p, _enrichment(found.inside, found.best, found.stages))

    def besides(level: float) -> int | None:
        """Trials, of which the best are to be as large a share as now."""
        best = more(estimate, region, found.top, level)
        return best and -(-best * n // found.top)

    return Evidence(
        _sentence(table, test, found, estimate), estimate.effect, estimate.low, estimate.high,
        n, p, holds, besides, _notes(found, test),
    )  # fmt: skip


def _sentence(table: Table, test: BestRegion, found: _Trials, estimate: Estimate) -> str:
    metric = lower(subject(test.metric or table.metric))
    among = f" with {worded(test.where)}" if test.where else ""
    best, n = round(estimate.effect * found.top), len(found.inside)
    others = int(found.inside.sum()) - best
    return (
        f"{best} of the {found.top:,} best trials{among} by {metric} {'has' if best == 1 else 'have'} {test.parameter} from"
        f" {test.low:g} to {test.high:g} ({percent(estimate.effect)}, {interval(percent(estimate.low), percent(estimate.high))}),"
        f" and so {'does' if others == 1 else 'do'} {others:,} of the other {counted(n - found.top, 'trial')}."
    )


def _notes(found: _Trials, test: BestRegion) -> tuple[str, ...]:
    left_out = f"{counted(found.left_out, 'trial')} left out: their stages lie wholly inside or wholly outside the region"
    share_kept = f"with evidence {found.top:,} are the best, as large a share as {test.top} are of the search's trials"
    return (*([left_out] if found.left_out else []), *([share_kept] if found.top != test.top else []))


def _of_one_box(table: Table) -> Table:
    """Where there is evidence, what was drawn from its box at random: itself, and the search of its stage unless that learns."""
    after = table.evidence != ""
    if not after.any():
        return table
    drawn = after | (np.isin(table.stages, table.stages[after]) & table.independent)
    return replace(table.take(drawn), sampler="random")


def _top(table: Table, test: BestRegion, used: int) -> int:
    """With evidence the best are as large a share of the trials as they were to be of the search's.

    The same number of many more trials would be so much better ones, and tell no more.
    """
    if not (table.evidence != "").any():
        return test.top
    stage = test.where.get("stage")
    searched = table.searched.get(str(stage), 0) if stage is not None else sum(table.searched.values())
    return max(FEWEST, round(test.top * used / max(1, searched)))


def _trials(table: Table, test: BestRegion) -> _Trials:
    column = quantity(table, test.parameter)
    metric = test.metric or table.metric
    rows = matching(table, test.where) & table.settled & np.isfinite(column.values)
    inside = (column.values >= test.low) & (column.values <= test.high)
    telling = [s for s in np.unique(table.stages[rows]) if 0 < inside[rows & (table.stages == s)].mean() < 1]
    used = rows & np.isin(table.stages, telling)
    if not used.any():
        raise Undecidable(f"all trials lie on one side of the ends of the region of {test.parameter}", int(rows.sum()))
    sign = 1.0 if better_when_higher(table, metric) else -1.0
    score = np.nan_to_num(sign * means(table, metric)[used], nan=-np.inf)
    valued, top = int(np.isfinite(score).sum()), _top(table, test, len(score))
    if valued < top or len(score) <= top:
        reason = f"to tell the {top} best takes more than {top} trials about the region, and {there_are(valued)}"
        raise Undecidable(reason, valued, top + 1 - valued)
    best = np.zeros(len(score), dtype=np.bool_)
    best[np.argsort(-score, kind="stable")[:top]] = True
    return _Trials(inside[used], best, table.stages[used], int(rows.sum() - used.sum()))


def _enrichment(inside: Truths, best: Truths, stages: Texts) -> float:
    """Two-sided mid-p that so many of the best fall inside when rank has nothing to do with the region, within each stage.

    A later stage holds more of the best, and lies inside by its box alone: what counts is how ranks fall within a stage.
    """
    chances = np.ones(1)
    for stage in np.unique(stages):
        here = stages == stage
        chances = np.convolve(chances, _hypergeometric(int(inside[here].sum()), int(here.sum()), int(best[here].sum())))
    counts, found = np.arange(len(chances)), int((inside & best).sum())
    exactly = float(chances[counts == found].sum()) / 2
    return min(1.0, 2 * min(float(chances[counts > found].sum()), float(chances[counts < found].sum())) + 2 * exactly)


def _hypergeometric(inside: int, whole: int, drawn: int) -> Floats:
    """Chances of 0, 1, ... `drawn` of the drawn ones being inside."""
    counts = np.arange(drawn + 1)
    possible = (counts <= inside) & (drawn - counts <= whole - inside)
    chances = np.zeros(drawn + 1)
    likely = counts[possible]
    chances[possible] = np.exp(_ways(inside, likely) + _ways(whole - inside, drawn - likely) - _ways(whole, np.array(drawn)))
    return chances


def _ways(whole: int, parts: Integers) -> Floats:
    """Logarithm of the number of ways to choose so many of a whole."""
    from scipy.special import gammaln

    return np.asarray(gammaln(whole + 1) - gammaln(parts + 1) - gammaln(whole - parts + 1), dtype=np.float64)
