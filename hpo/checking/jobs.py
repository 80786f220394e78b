"""The quick check as a job that an engine can run. Without torch."""

from dataclasses import dataclass

from ..data import Prepared
from ..spec import StudySpec
from ..training.job import Job, Lane
from .points import labelled

MOST = 4
"""Networks of a space that are looked at."""


@dataclass(frozen=True, slots=True)
class CheckJob(Job):
    """Lanes to look at instead of training them, by engines made with CHECKING; their shapes may differ, unlike a job."""

    labels: tuple[str, ...] = ()
    """Of each lane, what tells it from the others."""


def check_job(spec: StudySpec, data: Prepared) -> CheckJob:
    """The quick check of a study."""
    points = labelled(spec)[:MOST]
    lanes = tuple(Lane(number, 0, point.model, point.training) for number, (_, point) in enumerate(points))
    return CheckJob(spec.seed, data, lanes, 0, 0, labels=tuple(label for label, _ in points))
