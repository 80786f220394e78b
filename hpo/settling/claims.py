"""The claims of a study as they stand: what is known of each, and what evidence for it would be."""

from collections.abc import Sequence
from math import ceil, sqrt
from typing import NamedTuple

from ..analysis.derived import with_derived
from ..analysis.reading import read
from ..analysis.table import Table
from ..findings import Evidence, Finding, evaluate, faults_of
from ..findings.checking import parse
from ..findings.estimate import POWER
from ..findings.evaluating import looked
from ..findings.finding import LEVEL
from ..findings.looks import key, looks, weight
from ..runner.stored import Moment
from .drawing import drawn
from .needs import Need, need

MOST_LOOKS = 20
"""Looks ahead that a forecast reckons with: each batch is as large as all before it."""


class Claim(NamedTuple):
    """A claim of the study file."""

    number: int
    """Its place in the file, from 1."""
    key: str
    finding: Finding
    seen: Sequence[Evidence | Exception]
    """What each look at it says."""
    need: Need | str
    """What evidence for it is, or why evidence cannot serve it."""

    @property
    def open(self) -> bool:
        """Whether it has no verdict yet."""
        return self.finding.verdict == "not enough evidence"

    @property
    def last(self) -> Evidence | None:
        """What the latest look says that says anything."""
        return next((one for one in reversed(self.seen) if isinstance(one, Evidence)), None)


def table_of(now: Moment) -> Table:
    """The whole study as numbers, with the quantities that its file derives."""
    spec, table = now.study.spec, read(now.study.optuna)
    return with_derived(table, spec, spec.derived) if spec.derived else table


def claims(now: Moment, table: Table) -> list[Claim]:
    """The claims of a study file that can be tested, in its order. `table`: of `table_of`."""
    spec, faulty = now.study.spec, faults_of(now.study.spec)
    sound = [(place, finding) for place, finding in enumerate(spec.finding) if place not in faulty]
    found = []
    for (place, stated), finding in zip(sound, evaluate(table, [stated for _, stated in sound]), strict=True):
        test, known = parse(stated.test), key(stated.test)
        seen = list(looked(table, stated.test, test))
        wanted = need(now, table, test, list(looks(table, known))[-1])
        if isinstance(wanted, Need) and not wanted.points and len(drawn(spec, table, wanted, 1, 0)) < len(wanted.groups):
            wanted = f"the box of stage {wanted.stage} has no point for one of its groups"
        found.append(Claim(place + 1, known, finding, seen, wanted))
    return found


class Prospect(NamedTuple):
    """What a claim is expected to take, if its effect is what it seems."""

    units: int
    chance: float
    """Of a verdict once these are there."""


def level(among: Sequence[Claim]) -> float:
    """p that decides the next claim, by Holm's method: those that have verdicts are out of the way."""
    return LEVEL / max(1, sum(claim.open and claim.last is not None for claim in among))


def prospect(claim: Claim, decides: float, most: float) -> Prospect | None:
    """Units for a power of 0.8, or the chance of as many as there may be at the `most`; None where that cannot be said."""
    if claim.last is None or isinstance(claim.need, str) or claim.need.gain is None:
        return None
    units, size = 0, claim.need.next
    for look in range(len(claim.seen), len(claim.seen) + MOST_LOOKS):
        units, size = units + size, max(claim.need.next, 2 * size)
        wanted = claim.last.more(decides * weight(look))
        if wanted is None:
            return None
        needed = max(1, ceil(wanted / claim.need.gain))
        if needed <= min(units, most):
            return Prospect(needed, POWER)
        if units >= most:
            affordable = claim.last.n + max(0, int(most)) * claim.need.gain
            return Prospect(needed, _power(affordable / (claim.last.n + wanted), decides * weight(look)))
    return None


def _power(share: float, decides: float) -> float:
    """Chance of a verdict with a share of the values that have a power of 0.8."""
    from scipy.special import ndtr, ndtri

    border = float(ndtri(1 - decides / 2))
    return float(ndtr(sqrt(share) * (border + float(ndtri(POWER))) - border))
