"""What a run goes on with by itself once its search has ended: evidence for the answer, then for the claims."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..analysis.table import Table
from ..attributes import canonical, evidence_of
from ..findings.wording import counted
from ..runner import Batch
from ..runner.evidence import Point
from ..runner.stored import Moment
from .claims import claims, table_of
from .settling import Settling
from .spending import share_left, steps_of_networks

NETWORKS = 4
"""Of each point of the answer, where the share pays for them."""
FEWEST = 2
"""Else fewer points, and at the least so many networks of one: a single network says nothing of chance."""

Candidate = tuple[str, Point]
"""What a point is called, and the point."""
Candidates = Callable[[Moment, Table], Sequence[Candidate]]
"""The points that the answer is about, the most telling first; none where there is no answer."""


@dataclass(frozen=True)
class AfterSearch:
    """What to ask for next, within the share of the search's training steps that its file gives: a runner.Gathering."""

    candidates: Candidates

    def __call__(self, now: Moment) -> Batch | None:
        """Evidence for the answer, once for a search of this size; then for claims; None when the share is used up."""
        if now.missing() or not now.study.ownership.marks or share_left(now) <= 0:
            return None
        table = table_of(now)
        return self._for_answer(now, table) or _for_claims(now, table)

    def _for_answer(self, now: Moment, table: Table) -> Batch | None:
        last = max(trial.number for trial in now.trials())
        if any(evidence_of(trial) == "answer" and trial.number > last for trial in now.evidence):
            return None
        stage, found = now.study.spec.stage[-1].name, _each_once(self.candidates(now, table))
        for count in range(len(found), 0, -1):
            steps = steps_of_networks(now, [point for _, point in found[:count]], stage)
            networks = int(min(NETWORKS, share_left(now) // steps))
            if networks >= FEWEST:
                return _batch(stage, found[:count], networks)
        return None


def _each_once(found: Sequence[Candidate]) -> list[Candidate]:
    points: dict[str, Candidate] = {}
    for name, point in found:
        points.setdefault(canonical(point), (name, point))
    return list(points.values())


def _batch(stage: str, found: Sequence[Candidate], networks: int) -> Batch:
    names, each = " and ".join(name for name, _ in found), " each" if len(found) > 1 else ""
    says = f"evidence: {names} again, on {counted(networks, 'fresh seed')}{each}"
    return Batch("answer", stage, [point for _, point in found], networks, says)


def _for_claims(now: Moment, table: Table) -> Batch | None:
    return Settling(share_left).next(now, table, claims(now, table)) if now.study.spec.finding else None
