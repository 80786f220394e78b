"""What decided a claim: the search, or evidence after it and how much; or why nothing has, and what it would take."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import islice
from typing import NamedTuple

from hpo import catalog
from hpo.attributes import claims_of, cohort_of, networks_of
from hpo.findings import Evidence
from hpo.findings.wording import counted, number
from hpo.runner import StoredStudy
from hpo.runner.stored import Moment
from hpo.settling import Claim, claims
from hpo.settling.claims import level, prospect, table_of
from hpo.settling.spending import speed
from hpo.settling.words import expectation

ENDLESS = 1e15
"""Training steps that no claim takes."""
FAR = 20
"""So many times the networks that are there is out of reach: the effect is as good as at its border."""


class Claimed(NamedTuple):
    """The claims of a study, and the study as it was when they were put to it."""

    claims: Sequence[Claim]
    now: Moment


def claimed(study: StoredStudy) -> Claimed:
    """The claims as the study file words them now, put to the stored trials."""
    spec = catalog.builtin(study.name)
    stated = {"finding": spec.finding, "derived": spec.derived}
    now = replace(study, spec=study.spec.model_copy(update=stated)).now()
    return Claimed(claims(now, table_of(now)), now)


def by_evidence(claim: Claim) -> bool:
    """Whether the verdict is that of a look at evidence, rather than at the search."""
    return not claim.open and _look(claim) > 0


def decided_by(claim: Claim, among: Claimed) -> str:
    """In a few words. `among`: all claims of the study, which are corrected together."""
    now = among.now
    if claim.open:
        takes = expectation(claim, among.claims, ENDLESS, speed(now))
        known = [trained(claim, now, len(claim.seen) - 1), _so_far(claim), takes]
        return f"undecided{_why(claim, among)}: " + "; ".join(part for part in known if part)
    look = _look(claim)
    return f"evidence: {trained(claim, now, look)}" if look else "the search"


def trained(claim: Claim, now: Moment, looks: int) -> str:
    """The evidence that was trained for a claim up to a look: `24 fresh networks, 2 looks at them`; "" for none."""
    mine = [trial for trial in now.evidence if claim.key in claims_of(trial)]
    batches = list(islice(sorted({cohort_of(trial) or 0 for trial in mine}), looks))
    networks = sum(len(networks_of(trial) or ()) for trial in mine if cohort_of(trial) in batches)
    return f"{counted(networks, 'fresh network')}, {counted(len(batches), 'look')} at them" if batches else ""


def _look(claim: Claim) -> int:
    """The look whose p counts, from 0, the search."""
    return min((seen.p, look) for look, seen in enumerate(claim.seen) if isinstance(seen, Evidence))[1]


def _why(claim: Claim, among: Claimed) -> str:
    """In a word, what keeps a claim open that evidence can serve and that has been looked at."""
    if isinstance(claim.need, str) or claim.last is None:
        return ""
    ahead = prospect(claim, level(among.claims), ENDLESS)
    far = ahead is None or ahead.units > FAR * max(1, claim.need.there)
    return ", its effect lies at the border that the claim draws" if far else ", too few networks as yet"


def _so_far(claim: Claim) -> str:
    p = claim.finding.corrected
    return "" if p is None else f"corrected p so far {number(p)}"
