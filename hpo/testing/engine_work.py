"""Work for engines to be tested with: quick, deterministic, and badly behaved on demand."""

import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Literal

import numpy as np

from ..training.job import EpochMetrics, Job, JobResult, Lane, LaneResult, Progress

WORK = "hpo.testing.engine_work:run"

LANE_STEPS = 10
"""Of a lane in an epoch, as reported."""


@dataclass(frozen=True, slots=True)
class PracticeJob(Job):
    """A job that trains nothing."""

    conduct: Literal["good", "raises", "out of memory", "dies"] = "good"
    folder: str = ""
    """Where a job that dies counts its deaths."""
    deaths: int = 1
    """So many workers it takes with it."""
    seconds: float = 0.0
    """That an epoch takes."""
    bulk: int = 0
    """Bytes that every checkpoint has more than it needs."""


def run(job: Job, on_progress: Callable[[Progress], None]) -> JobResult:
    """Digests in place of networks: every byte depends on the job's images, seed, lanes and checkpoints."""
    assert isinstance(job, PracticeJob)
    _misbehave(job)
    images = np.load(job.data.images, mmap_mode="r")[job.data.train].tobytes()
    states = [lane.checkpoint[:64] if lane.checkpoint else b"" for lane in job.lanes]
    epochs: list[list[EpochMetrics]] = [[] for _ in job.lanes]
    for epoch in range(job.begin + 1, job.end + 1):
        time.sleep(job.seconds)
        for place, lane in enumerate(job.lanes):
            states[place] = _digest(job.seed, lane, epoch, images, states[place])
            epochs[place].append(_metrics(epoch, states[place]))
        on_progress(Progress(len(job.lanes), LANE_STEPS * len(job.lanes), epoch, None))
    results = tuple(
        LaneResult(lane.trial, lane.replicate, tuple(own), None, state + bytes(job.bulk))
        for lane, own, state in zip(job.lanes, epochs, states, strict=True)
    )
    return JobResult(results, 0.0, LANE_STEPS * len(job.lanes) * (job.end - job.begin))


def _misbehave(job: PracticeJob) -> None:
    if job.conduct == "raises":
        raise ValueError("this job\nalways fails")
    if job.conduct == "out of memory":
        raise MemoryError
    if job.conduct == "dies":
        marks = Path(job.folder)
        if len(list(marks.iterdir())) < job.deaths:
            (marks / f"{time.monotonic_ns()}-{os.getpid()}").touch()
            os.kill(os.getpid(), signal.SIGKILL)


def _digest(seed: int, lane: Lane, epoch: int, images: bytes, before: bytes) -> bytes:
    said = f"{seed} {lane.trial} {lane.replicate} {lane.training.learning_rate} {epoch} "
    return sha256(said.encode() + images + before).hexdigest().encode()


def _metrics(epoch: int, state: bytes) -> EpochMetrics:
    share = int(state[:13], 16) / 16**13
    return EpochMetrics(epoch, 0.1, 2 - share, 2 - share, share, 2 - share, 2 - share, share, 0.0)
