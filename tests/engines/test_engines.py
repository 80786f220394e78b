"""What holds for every engine."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from hpo.engines import Engine, JobFailure, make
from hpo.engines.processes import Processes
from hpo.engines.serial import Serial
from hpo.errors import EngineError, UsageError
from hpo.training.job import Job, JobResult, Progress

from .conftest import FAKE, job


@pytest.fixture(params=["serial", "one process", "three processes"])
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """Every engine, entered."""
    engines = {
        "serial": lambda: Serial(FAKE),
        "one process": lambda: Processes(1, FAKE),
        "three processes": lambda: Processes(3, FAKE),
    }
    with engines[request.param]() as entered:
        yield entered


def outcomes(engine: Engine, jobs: list[Job]) -> list[JobResult | JobFailure]:
    """The outcomes in the order of their jobs."""
    return [outcome for _, outcome in sorted(engine.run(jobs, lambda progress: None), key=lambda pair: pair[0])]


def test_same_results(engine: Engine, jobs: list[Job]) -> None:
    """Every engine gives the same outcome for the same job, each job once."""
    assert outcomes(engine, jobs) == outcomes(Serial(FAKE), jobs)


def test_an_engine_can_be_used_again(engine: Engine, jobs: list[Job]) -> None:
    """One batch of jobs after the other, and none at all, go through one engine."""
    assert outcomes(engine, jobs) == outcomes(engine, jobs)
    assert outcomes(engine, []) == []


def test_progress_is_told(engine: Engine) -> None:
    """Every epoch of every job is reported while it runs."""
    seen: list[Progress] = []
    list(engine.run([job(0, 2, end=3), job(2, 1, end=2)], seen.append))
    assert sorted((progress.lanes, progress.epoch) for progress in seen) == [(1, 1), (1, 2), (2, 1), (2, 2), (2, 3)]


def test_exception_is_the_jobs_own(engine: Engine, jobs: list[Job], monkeypatch: pytest.MonkeyPatch) -> None:
    """A job that raises comes back as a failure, with its message on one line; the other jobs do not notice."""
    monkeypatch.setenv("FAKE_ERROR_BELOW", "0.015")
    with Processes(2, FAKE) if isinstance(engine, Processes) else Serial(FAKE) as fresh:
        failure, *rest = outcomes(fresh, jobs)
    assert isinstance(failure, JobFailure)
    assert failure.error == "ValueError: this rate is too small"
    assert "fake_training" in failure.traceback
    assert not failure.out_of_memory
    assert all(isinstance(outcome, JobResult) for outcome in rest)


def test_memory_error_is_told_apart(jobs: list[Job], monkeypatch: pytest.MonkeyPatch) -> None:
    """A job that is too large for the memory says so, because a smaller one may fit."""
    monkeypatch.setenv("FAKE_MEMORY", "2")
    first, second, *_ = outcomes(Serial(FAKE), jobs)
    assert isinstance(first, JobFailure)
    assert first.out_of_memory
    assert isinstance(second, JobResult)


def test_exception_of_the_listener_rises(engine: Engine, jobs: list[Job]) -> None:
    """What stops a run from within a progress report is no failure of the job, and the engine can be used again."""

    def stop(progress: Progress) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(engine.run(jobs, stop))
    assert outcomes(engine, jobs) == outcomes(Serial(FAKE), jobs)


@pytest.mark.parametrize("deaths", [1, 2])
def test_dead_worker_is_replaced(deaths: int, jobs: list[Job], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that is killed at its work costs nothing but time: its job is run again by another."""
    monkeypatch.setenv("FAKE_DEATHS", str(tmp_path / "mark"))
    monkeypatch.setenv("FAKE_DEATHS_COUNT", str(deaths))
    with Processes(2, FAKE) as engine:
        found = outcomes(engine, jobs)
    assert len(os.listdir(tmp_path)) == deaths
    assert found == outcomes(Serial(FAKE), jobs)


def test_worker_that_died_idle_is_replaced(jobs: list[Job]) -> None:
    """A worker that is killed between two batches of jobs is replaced when it is needed."""
    with Processes(2, FAKE) as engine:
        first = outcomes(engine, jobs)
        for child in psutil.Process().children():
            child.kill()
        assert outcomes(engine, jobs) == first


def test_deadly_job_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A job that kills three workers ends the run, with its trials and the likely reason."""
    monkeypatch.setenv("FAKE_DEATHS", str(tmp_path / "mark"))
    monkeypatch.setenv("FAKE_DEATHS_COUNT", "3")
    with Processes(1, FAKE) as engine, pytest.raises(EngineError, match=r"3 times over the same job \(trials \[4, 5\]\).*memory"):
        outcomes(engine, [job(4, 2)])


def test_no_worker_is_left(jobs: list[Job]) -> None:
    """Leaving the engine ends its workers, also when it is left on an exception in the middle of the jobs."""
    with pytest.raises(ZeroDivisionError), Processes(2, FAKE) as engine:
        for _ in engine.run(jobs, lambda progress: None):
            raise ZeroDivisionError
    assert psutil.Process().children() == []


DRIVER = """
    import os, sys, time
    sys.path.insert(0, sys.argv[1])
    from hpo.engines.processes import Processes
    from tests.engines.conftest import FAKE, job
    if __name__ != "__main__":
        raise RuntimeError("a worker imported the user's script")
    with Processes(2, FAKE) as engine:
        print("ready", flush=True)
        try:
            list(engine.run([job(0, 2, end=1000), job(2, 2, end=1000)], lambda progress: print("epoch", flush=True)))
        except KeyboardInterrupt:
            print("interrupted", flush=True)
"""


@pytest.fixture
def driver(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A driver in a process group of its own, with both of its workers inside a job."""
    script = tmp_path / "driver.py"
    script.write_text(textwrap.dedent(DRIVER))
    root = Path(__file__).parents[2]
    environment = {**os.environ, "FAKE_SECONDS": "0.05", "PYTHONPATH": str(root)}
    process = subprocess.Popen(
        [sys.executable, str(script), str(root / "tests" / "fakes")],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment, process_group=0,
    )  # fmt: skip
    assert process.stdout is not None
    for line in process.stdout:
        if line == "epoch\n":
            break
    yield process
    process.kill()
    process.communicate()


def gone(processes: list[psutil.Process]) -> bool:
    """Whether all of the processes end within two seconds."""
    return not psutil.wait_procs(processes, timeout=2)[1]


def test_killed_driver_leaves_no_orphan(driver: subprocess.Popen[str]) -> None:
    """Workers end as soon as their driver is gone, even in the middle of a job."""
    workers = psutil.Process(driver.pid).children()
    assert len(workers) == 2
    driver.kill()
    assert gone(workers)


def test_interrupt_is_the_drivers(driver: subprocess.Popen[str]) -> None:
    """Ctrl-C goes to the whole group; the driver answers it, and the workers end with it and print nothing."""
    workers = psutil.Process(driver.pid).children()
    os.killpg(driver.pid, signal.SIGINT)
    output, errors = driver.communicate(timeout=10)
    assert "interrupted" in output
    assert errors == ""
    assert driver.returncode == 0
    assert gone(workers)


def test_workers_have_one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers are told to compute with one thread each, and the driver's own environment stays as it was."""
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    with Processes(1, FAKE) as engine:
        assert outcomes(engine, [job(0, 1)])
        (worker,) = psutil.Process().children()
        assert worker.environ()["OMP_NUM_THREADS"] == "1"
    assert os.environ["OMP_NUM_THREADS"] == "7"


def test_next_job_does_not_wait_for_the_listener() -> None:
    """While the driver is busy with one result, its worker is at the next job."""
    with Processes(1, FAKE) as engine:
        seen: list[Progress] = []
        results = engine.run([job(0, 1), job(1, 1)], seen.append)
        next(results)
        time.sleep(0.3)
        (worker,) = engine._workers.values()
        assert worker.pipe.poll()
        list(results)


@pytest.mark.parametrize(
    ("name", "workers", "message"),
    [
        ("proceses", None, "did you mean 'processes'"),
        ("auto", 0, "between 1 and 1024, got 0"),
        ("processes", 10_000, "between 1 and 1024, got 10000"),
        ("serial", 2, "no workers, got 2"),
    ],
)
def test_bad_engine_is_explained(name: str, workers: int | None, message: str) -> None:
    """An engine that does not exist or cannot be had so is refused with the way out."""
    with pytest.raises(UsageError, match=message):
        make(name, workers)


@pytest.mark.parametrize(
    ("name", "workers", "kind"),
    [("auto", 1, Serial), ("auto", 2, Processes), ("processes", 1, Processes), ("serial", None, Serial)],
)
def test_engine_by_name(name: str, workers: int | None, kind: type[Engine]) -> None:
    """The name and the number of workers decide on the engine."""
    assert isinstance(make(name, workers), kind)
