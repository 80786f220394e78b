"""The quick check as a job that an engine can run. Without torch."""

from dataclasses import dataclass
from typing import Literal

from ..data import Prepared
from ..spec import StudySpec
from ..training.job import Job, Lane
from .points import labelled, middle, setter

MOST = 4
"""Networks of a space that are looked at."""


@dataclass(frozen=True, slots=True)
class CheckJob(Job):
    """Lanes to look at instead of training them, by engines made with CHECKING; their shapes may differ, unlike a job."""

    labels: tuple[str, ...] = ()
    """Of each lane, what tells it from the others."""


@dataclass(frozen=True, slots=True)
class FitnessJob(CheckJob):
    """Lanes whose networks the user has written: can they be trained at all? The result's notes are the reasons why not."""


def fitness_job(spec: StudySpec, data: Prepared) -> FitnessJob:
    """Of every network that a study names, in its smallest batch."""
    smallest = min(_batches(spec))
    points = labelled(spec)
    lanes = tuple(
        Lane(number, 0, point.model, point.training.model_copy(update={"batch_size": smallest}))
        for number, (_, point) in enumerate(points)
    )
    precision: Literal["float32", "float64"] = "float64" if spec.execution.precision == "float64" else "float32"
    return FitnessJob(spec.seed, data, lanes, 0, 0, precision=precision, labels=tuple(label for label, _ in points))


def _batches(spec: StudySpec) -> list[int]:
    """Batch sizes that a study may have, the smallest and the largest among them."""
    sizes = setter(spec, ("training", "batch_size"))
    if sizes is None:
        return [middle(spec).training.batch_size]
    ends = [middle(spec, {sizes: share}).training.batch_size for share in (0.0, 1.0)]
    return [*ends, *(size for size in (spec.space[sizes].choices or ()) if isinstance(size, int))]


def check_job(spec: StudySpec, data: Prepared) -> CheckJob:
    """The quick check of a study, in its largest batch where that is larger than the data."""
    points, largest = labelled(spec)[:MOST], max(_batches(spec))
    if largest > len(data.train):
        large = {"batch_size": largest}
        points = [(at, point._replace(training=point.training.model_copy(update=large))) for at, point in points]
    lanes = tuple(Lane(number, 0, point.model, point.training) for number, (_, point) in enumerate(points))
    return CheckJob(spec.seed, data, lanes, 0, 0, labels=tuple(label for label, _ in points))
