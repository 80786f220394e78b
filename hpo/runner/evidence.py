"""Trials after the search: points that are trained again or besides, on fresh networks, for what the search leaves open.

They are a cohort of a stage, under its budget, and held by leases as any other. No pruner looks at them, a point that was trained
before is trained again, and nothing that serves the search sees them, so that a search goes on as if they were not there.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ..attributes import CLAIMS, COHORT, EVIDENCE, NETWORKS, STAGE, UNTIL, Purpose, networks_of
from ..storage import Leases
from .asking import Asked, Outrun, store
from .cohort import cohort_at
from .stored import Moment

Point = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Batch:
    """Points to train after the search, together."""

    purpose: Purpose
    stage: str
    """Whose budget they have."""
    points: Sequence[Point]
    networks: int
    """Of each point. Those of one place have the same number: they see the same images in the same order where that is shared."""
    says: str
    """What the run does with it, for its user."""
    claims: tuple[str, ...] = ()
    """Keys of the claims that it is for."""
    stages: Sequence[str] = ()
    """Of each point, where they are points of several stages with that budget."""
    until: int | None = None
    """The epoch at which it ends, as if it were pruned there; None: where its budget does."""


Gathering = Callable[[Moment], Batch | None]
"""What evidence to ask for next, from what is stored alone; None: no more."""


def first_network(now: Moment) -> int:
    """The number of the first fresh network: no trial of the study had it, nor will a trial of the search have it."""
    known = [number for trial in now.evidence for number in networks_of(trial) or ()]
    return max([now.study.spec.search.replicates - 1, *known]) + 1


def open_batch(now: Moment, batch: Batch, leases: Leases) -> Asked:
    """Ask for a batch and take it. Raises Outrun when the study is not as it was at this moment any more."""
    study, number, first = now.study, now.cohorts, first_network(now)
    attributes = {
        STAGE: batch.stage,
        COHORT: number,
        EVIDENCE: batch.purpose,
        NETWORKS: list(range(first, first + batch.networks)),
        **({CLAIMS: list(batch.claims)} if batch.claims else {}),
        **({UNTIL: batch.until} if batch.until else {}),
    }
    with leases.alone():
        if study.database.census(study.identifier) != now.census:
            raise Outrun
        leases.take(number)
        stored = store(
            study, now.there, len(now.evidence), (), batch.points, [None] * len(batch.points), attributes, batch.stages
        )
    return Asked(cohort_at(study, number, stored), len(stored), now.after(stored, now.there + len(stored)))
