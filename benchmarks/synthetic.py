"""Studies without training: an engine that makes its results up, so that everything else can be measured."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Self

import numpy as np

from hpo import catalog
from hpo.data import Prepared
from hpo.engines.base import OnProgress
from hpo.runner import StoredStudy, create, run
from hpo.seeds import derive
from hpo.spec import StageSpec, StudySpec
from hpo.storage import connect
from hpo.training.job import EpochMetrics, Job, JobResult, Lane, LaneResult


class MadeUp:
    """An engine whose lanes reach an accuracy that follows from their learning rate, at once."""

    def run(self, jobs: Sequence[Job], on_progress: OnProgress) -> Iterator[tuple[int, JobResult]]:
        """See hpo.engines.Engine."""
        for index, job in enumerate(jobs):
            yield index, JobResult(tuple(_result(job, lane) for lane in job.lanes), 0.0, len(job.lanes))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None: ...


def _result(job: Job, lane: Lane) -> LaneResult:
    noise = derive(job.seed, "noise", lane.trial, lane.replicate) / 2**32
    accuracy = 0.5 - 0.05 * np.log10(lane.training.learning_rate / 0.1) ** 2 + 0.01 * noise
    epochs = tuple(
        EpochMetrics(epoch + 1, 0.1, 2.0, 2.0, 0.4, 2.0, 2.0, float(accuracy) * (1 - 0.5 ** (epoch + 1)), 0.01)
        for epoch in range(job.begin, job.end)
    )
    return LaneResult(lane.trial, lane.replicate, epochs, None, b"none")


def images() -> Prepared:
    """A data set of a size that is never looked at."""
    places = np.arange(10_000)
    return Prepared(Path("none"), Path("none"), places, places, places, (3, 32, 32), tuple("0123456789"), "centre", "made up")


def study_of(trials: int, pruner: str = "none") -> StudySpec:
    """The built-in cifar-bn with one stage."""
    spec = catalog.builtin("cifar-bn")
    search = spec.search.model_copy(update={"pruner": pruner})
    return spec.model_copy(update={"search": search, "stage": (StageSpec(name="all", trials=trials),), "finding": ()})


def filled(url: str, name: str, trials: int) -> StoredStudy:
    """A study with so many told trials in a new storage."""
    stored = create(connect(url, "create"), name, study_of(trials))
    run(stored, images(), MadeUp())
    return stored
