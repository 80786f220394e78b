"""What every engine keeps to, as tests for pytest.

An engine of your own is put through them so:

    class TestMyEngine(WorkerEngineContract):
        @pytest.fixture
        def engine(self):
            with MyEngine(work=WORK) as engine:
                yield engine

`WORK` is that of hpo.testing.engine_work. An engine that works in the driver's own process takes EngineContract.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ..data import Prepared
from ..engines import Engine, JobFailure
from ..engines.base import IDLE
from ..errors import EngineError
from ..spec import LinearSpec, TrainingSpec
from ..training.job import Job, JobResult, Lane, Progress
from .engine_work import WORK, PracticeJob, run

__all__ = ["WORK", "EngineContract", "WorkerEngineContract", "expected", "made_up_data", "outcomes", "practice_job"]


def made_up_data(folder: Path) -> Prepared:
    """Eight images of noise in a folder."""
    images, labels = folder / "images.npy", folder / "labels.npy"
    generator = np.random.default_rng(0)
    np.save(images, generator.integers(0, 256, (8, 1, 4, 4), dtype=np.uint8))
    np.save(labels, generator.integers(0, 2, 8))
    indices = np.arange(8)
    return Prepared(images, labels, indices[:4], indices[4:6], indices[6:], (1, 4, 4), ("a", "b"), "unit", "0" * 64)


def practice_job(data: Prepared, first: int = 0, lanes: int = 2, end: int = 2, **conduct: Any) -> PracticeJob:
    """A job of the trials first, first + 1, ... over two epochs; the rest is of PracticeJob."""
    members = tuple(
        Lane(trial, 0, LinearSpec(name="linear"), TrainingSpec(learning_rate=0.01 * (trial + 1)))
        for trial in range(first, first + lanes)
    )
    return PracticeJob(7, data, members, 0, end, **conduct)


def outcomes(engine: Engine, jobs: Sequence[Job]) -> list[JobResult | JobFailure]:
    """What an engine makes of jobs, in their order; each has exactly one outcome."""
    found = list(engine.run(jobs, lambda progress: None))
    assert sorted(index for index, _ in found) == list(range(len(jobs)))
    return [outcome for _, outcome in sorted(found, key=lambda pair: pair[0])]


def expected(jobs: Sequence[Job]) -> list[JobResult]:
    """What the jobs' own function makes of them."""
    return [run(job, lambda progress: None) for job in jobs]


class EngineContract:
    """For every engine."""

    @pytest.fixture
    def engine(self) -> Engine:
        """The engine, made with WORK and entered."""
        raise NotImplementedError

    @pytest.fixture
    def data(self, tmp_path: Path) -> Prepared:
        """Images on the driver's disk."""
        return made_up_data(tmp_path)

    @pytest.fixture
    def jobs(self, data: Prepared) -> list[PracticeJob]:
        """Seven jobs of one to three lanes."""
        return [practice_job(data, first, lanes) for first, lanes in ((0, 3), (3, 2), (5, 1), (6, 3), (9, 2), (11, 1), (12, 3))]

    def test_same_bytes(self, engine: Engine, jobs: list[PracticeJob]) -> None:
        """A job's outcome is what its function returns, bit for bit, and comes once."""
        assert outcomes(engine, jobs) == expected(jobs)

    def test_checkpoints_travel(self, engine: Engine, data: Prepared) -> None:
        """A job that goes on from checkpoints gives what it gives in one piece, though they are large."""
        (first,) = outcomes(engine, [practice_job(data, end=1, bulk=300_000)])
        assert isinstance(first, JobResult)
        whole = practice_job(data, end=2)
        lanes = tuple(replace(lane, checkpoint=made.checkpoint) for lane, made in zip(whole.lanes, first.lanes, strict=True))
        (second,) = outcomes(engine, [replace(whole, lanes=lanes, begin=1)])
        assert isinstance(second, JobResult)
        assert [lane.checkpoint for lane in second.lanes] == [lane.checkpoint for lane in expected([whole])[0].lanes]

    def test_used_again(self, engine: Engine, jobs: list[PracticeJob]) -> None:
        """One batch of jobs after the other, and none at all, go through one engine."""
        assert outcomes(engine, jobs[:2]) == outcomes(engine, jobs[:2])
        assert outcomes(engine, []) == []

    def test_late_jobs_are_done(self, engine: Engine, jobs: list[PracticeJob]) -> None:
        """Jobs that are appended while others run are done in the same run."""
        asked, found = jobs[:1], {}
        for index, outcome in engine.run(asked, lambda progress: None):
            found[index] = outcome
            asked += jobs[len(asked) : len(asked) + 2]
        assert [found[index] for index in range(len(jobs))] == expected(jobs)

    def test_progress_is_told(self, engine: Engine, data: Prepared) -> None:
        """Every epoch of every job is reported."""
        seen: list[Progress] = []
        list(engine.run([practice_job(data, 0, 2, end=3), practice_job(data, 2, 1, end=2)], seen.append))
        told = [progress for progress in seen if progress != IDLE]
        assert sorted((progress.lanes, progress.epoch) for progress in told) == [(1, 1), (1, 2), (2, 1), (2, 2), (2, 3)]

    def test_exception_is_the_jobs_own(self, engine: Engine, data: Prepared, jobs: list[PracticeJob]) -> None:
        """A job that raises comes back as a failure, with its message on one line; the other jobs do not notice."""
        failure, *rest = outcomes(engine, [practice_job(data, 20, conduct="raises"), *jobs[:2]])
        assert isinstance(failure, JobFailure)
        assert failure.error == "ValueError: this job always fails"
        assert "engine_work" in failure.traceback
        assert not failure.out_of_memory
        assert rest == expected(jobs[:2])

    def test_lack_of_memory_is_told_apart(self, engine: Engine, data: Prepared) -> None:
        """A job that is too large for the memory says so, because a smaller one may fit."""
        (failure,) = outcomes(engine, [practice_job(data, conduct="out of memory")])
        assert isinstance(failure, JobFailure)
        assert failure.out_of_memory

    def test_cancelled_jobs_end(self, engine: Engine, data: Prepared, jobs: list[PracticeJob]) -> None:
        """An exception of the listener rises; jobs under way, here endless ones, are ended and hold no slot any more."""

        def stop(progress: Progress) -> None:
            raise KeyboardInterrupt

        endless = [practice_job(data, trial, 1, end=10**6, seconds=0.01) for trial in range(engine.slots + 1)]
        with pytest.raises(KeyboardInterrupt):
            list(engine.run(endless, stop))
        assert outcomes(engine, jobs) == expected(jobs)


class WorkerEngineContract(EngineContract):
    """For an engine whose jobs run in other processes than the driver's."""

    @pytest.mark.parametrize("deaths", [1, 2])
    def test_dead_worker_is_replaced(
        self, engine: Engine, data: Prepared, jobs: list[PracticeJob], deaths: int, tmp_path: Path
    ) -> None:
        """A worker that is killed at its work costs nothing but time: its job is run again."""
        marks = tmp_path / "marks"
        marks.mkdir()
        deadly = practice_job(data, 20, conduct="dies", folder=str(marks), deaths=deaths)
        found, *rest = outcomes(engine, [deadly, *jobs[:3]])
        assert len(list(marks.iterdir())) == deaths
        assert [found] == expected([practice_job(data, 20)])
        assert rest == expected(jobs[:3])

    def test_deadly_job_is_given_up(self, engine: Engine, data: Prepared, tmp_path: Path, jobs: list[PracticeJob]) -> None:
        """A job that takes three workers with it ends the run, and is named; the engine can be used again."""
        marks = tmp_path / "marks"
        marks.mkdir()
        with pytest.raises(EngineError, match=r"3 times over the same job \(trials \[4, 5\]\)"):
            outcomes(engine, [practice_job(data, 4, conduct="dies", folder=str(marks), deaths=9)])
        assert len(list(marks.iterdir())) == 3
        assert outcomes(engine, jobs[:1]) == expected(jobs[:1])
