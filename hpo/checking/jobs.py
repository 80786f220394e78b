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
    sizes = setter(spec, ("training", "batch_size"))
    least = middle(spec, {sizes: 0.0} if sizes else None).training.batch_size
    smallest = min([least, *(p for p in (spec.space[sizes].choices or ()) if isinstance(p, int))]) if sizes else least
    points = labelled(spec)
    lanes = tuple(
        Lane(number, 0, point.model, point.training.model_copy(update={"batch_size": smallest}))
        for number, (_, point) in enumerate(points)
    )
    precision: Literal["float32", "float64"] = "float64" if spec.execution.precision == "float64" else "float32"
    return FitnessJob(spec.seed, data, lanes, 0, 0, precision=precision, labels=tuple(label for label, _ in points))


def check_job(spec: StudySpec, data: Prepared) -> CheckJob:
    """The quick check of a study."""
    points = labelled(spec)[:MOST]
    lanes = tuple(Lane(number, 0, point.model, point.training) for number, (_, point) in enumerate(points))
    return CheckJob(spec.seed, data, lanes, 0, 0, labels=tuple(label for label, _ in points))
