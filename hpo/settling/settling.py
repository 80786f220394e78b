"""Batch after batch for the claims that have no verdict, until each has one or the budget is gone."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import inf

from ..analysis.table import Table
from ..attributes import claims_of, cohort_of, outcome_of
from ..runner import Batch
from ..runner.stored import Moment
from .claims import Claim, claims, level, prospect, table_of
from .drawing import drawn
from .needs import Need
from .words import says

LEAST = 4
"""One in so many of the units that are wanted next is the least that a batch has where the budget ends: every look costs."""


@dataclass(frozen=True)
class Settling:
    """What to ask for next, for claims: a runner.Gathering."""

    affords: Callable[[Moment], float]
    """Training steps that the next batch may take."""
    chosen: Sequence[int] | None = None
    """Numbers of the claims, from 1; None: all of them."""

    def __call__(self, now: Moment) -> Batch | None:
        """The batch that is nearest to a verdict of those that the budget pays for; None where there is none."""
        table = table_of(now)
        return self.next(now, table, claims(now, table))

    def next(self, now: Moment, table: Table, found: Sequence[Claim]) -> Batch | None:
        """The same, of claims that are known."""
        most, decides = self.affords(now), level(found)
        for claim in sorted(self.left(found), key=lambda claim: (_cost(claim, decides), claim.number)):
            units = _affordable(claim, most)
            if units and not _in_vain(now, claim) and (batch := _batch(now, table, claim, found, units)):
                return batch
        return None

    def left(self, found: Sequence[Claim]) -> list[Claim]:
        """The claims that are to be settled, have no verdict, and can be served."""
        wanted = (claim for claim in found if self.chosen is None or claim.number in self.chosen)
        return [claim for claim in wanted if claim.open and not isinstance(claim.need, str)]


def _affordable(claim: Claim, most: float) -> int:
    """Units of the next batch that so many steps pay for; 0 where a look at so few would cost more than they tell."""
    assert isinstance(claim.need, Need)
    units = int(min(claim.need.next, most // max(1.0, claim.need.steps)))
    return units if units >= max(claim.need.least, claim.need.next // LEAST) else 0


def _cost(claim: Claim, decides: float) -> float:
    """Steps to a verdict, and of a batch at the least; without end where the effect lies at a border."""
    assert isinstance(claim.need, Need)
    if claim.last is None or claim.need.gain is None:
        return claim.need.next * claim.need.steps
    ahead = prospect(claim, decides, inf)
    return inf if ahead is None else max(claim.need.next, ahead.units) * claim.need.steps


def _in_vain(now: Moment, claim: Claim) -> bool:
    """Whether all of its last batch ended in an error: another would, too."""
    mine = [trial for trial in now.evidence if claim.key in claims_of(trial)]
    last = max((cohort_of(trial) or 0 for trial in mine), default=None)
    return last is not None and all(outcome_of(trial) == "error" for trial in mine if cohort_of(trial) == last)


def _batch(now: Moment, table: Table, claim: Claim, found: Sequence[Claim], units: int) -> Batch | None:
    """So many units for a claim, and for all others that take the very same."""
    wanted = claim.need
    assert isinstance(wanted, Need)
    points = list(wanted.points) or drawn(now.study.spec, table, wanted, units, now.cohorts)
    if not points:
        return None
    alike = [one for one in found if one.open and isinstance(one.need, Need) and _same(one.need, wanted)]
    networks = units if wanted.points else now.study.spec.search.replicates
    keys = tuple(one.key for one in alike)
    return Batch("claims", wanted.stage, points, networks, says(alike, found, units), keys, wanted.stages, wanted.until)


def _same(one: Need, other: Need) -> bool:
    """Whether a batch for the one is one for the other: the same points, or points drawn alike."""
    return one._replace(there=0, least=0, steps=0, gain=0) == other._replace(there=0, least=0, steps=0, gain=0)
