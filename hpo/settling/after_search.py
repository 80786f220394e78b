"""What a run goes on with by itself once its search has ended: evidence for the answer, then for the claims."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..analysis.table import Table
from ..attributes import canonical, cohort_of, evidence_of
from ..runner import Batch
from ..runner.evidence import Point
from ..runner.stored import Moment
from .claims import claims, table_of
from .settling import Settling
from .spending import most_steps, share_left

ROUNDS = 2
"""Of evidence for the answer: the second one knows what the first one found."""
FEWEST, MOST = 4, 64
"""Networks of a round."""

Candidates = Callable[[Moment, Table, int], Sequence[Point]]
"""So many points that may be the best, some perhaps alike; none where there is no answer."""


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
        rounds = {cohort_of(trial) for trial in now.evidence if evidence_of(trial) == "answer" and trial.number > last}
        if len(rounds) == ROUNDS or not any(trial.values for trial in now.trials()):
            return None
        stage = now.study.spec.stage[-1].name
        steps = most_steps(now, (trial.params for trial in now.trials()), stage)
        count = _networks(int(share_left(now) // steps), len(rounds), claimed=bool(now.study.spec.finding))
        found = _each_once(self.candidates(now, table, count)) if count else []
        return Batch("answer", stage, found, 1, _says(len(found))) if found else None


def _networks(left: int, rounds: int, *, claimed: bool) -> int:
    """How many of a round, where the share pays for `left`: half of it in all where claims want some, and all of it elsewhere."""
    parts = (ROUNDS - rounds) + (ROUNDS if claimed else 0)
    wanted = min(max(left // parts, min(left, FEWEST)), MOST)
    return wanted if wanted >= FEWEST or (not rounds and wanted > 1) else 0


def _says(count: int) -> str:
    which = "the setting that may be the best" if count == 1 else f"{count} settings that may be the best"
    return f"evidence: {which}, each on a fresh seed" if count > 1 else f"evidence: {which}, on a fresh seed"


def _each_once(found: Sequence[Point]) -> list[Point]:
    points: dict[str, Point] = {}
    for point in found:
        points.setdefault(canonical(point), point)
    return list(points.values())


def _for_claims(now: Moment, table: Table) -> Batch | None:
    return Settling(share_left).next(now, table, claims(now, table)) if now.study.spec.finding else None
