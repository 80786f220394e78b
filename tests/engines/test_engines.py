"""The engines of one machine: what every engine keeps to, and what is theirs alone."""

import errno
import multiprocessing
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Never

import psutil
import pytest

from hpo.engines import Engine, JobFailure, forking, make, processes
from hpo.engines.base import IDLE
from hpo.engines.processes import Processes
from hpo.engines.serial import Serial, attempt
from hpo.engines.work import TRAINING, Work
from hpo.errors import EngineError, UsageError
from hpo.testing.engine_work import run
from hpo.testing.pytest_engines import WORK, EngineContract, WorkerEngineContract, outcomes
from hpo.training.job import Job, JobResult, Progress

from .conftest import FAKE, job


class TestSerial(EngineContract):
    """The engine without workers."""

    @pytest.fixture
    def engine(self) -> Iterator[Engine]:
        """Entered."""
        with Serial(WORK) as engine:
            yield engine


class TestProcesses(WorkerEngineContract):
    """Worker processes: one, and more than there are cores; as forks, and as where there are none."""

    @pytest.fixture(params=[(1, True), (3, True), (2, False)])
    def engine(self, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
        """Entered."""
        workers, forks = request.param
        monkeypatch.setattr(processes, "_FORKS", forks)
        with Processes(workers, WORK) as engine:
            yield engine


@pytest.fixture(params=[True, False], ids=["forks", "alone"])
def _ways(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers as forks, and as where there are none."""
    monkeypatch.setattr(processes, "_FORKS", request.param)


def _processes() -> list[psutil.Process]:
    """What engines of this process have started. A server that other tests share may be a child beside them."""
    return [child for child in psutil.Process().children(recursive=True) if "hpo.engines." in " ".join(child.cmdline())]


def _workers() -> list[psutil.Process]:
    """Of these, those that are nobody's parents."""
    parents = {process.ppid() for process in _processes()}
    return [process for process in _processes() if process.pid not in parents]


@pytest.mark.usefixtures("_ways")
@pytest.mark.parametrize("workers", [1, 2])
def test_cause_of_death_is_told(workers: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A job that kills three workers ends the run with the likely reason."""
    monkeypatch.setenv("FAKE_DEATHS", str(tmp_path / "mark"))
    monkeypatch.setenv("FAKE_DEATHS_COUNT", "3")
    with Processes(workers, FAKE) as engine, pytest.raises(EngineError, match=r"trials \[4, 5\].*memory"):
        outcomes(engine, [job(4, 2)])


@pytest.mark.usefixtures("_ways")
def test_workers_that_cannot_start_say_why(capfd: pytest.CaptureFixture[str]) -> None:
    """Where there is nothing to work with, the run ends, and the reason is told."""
    with Processes(2, "hpo.absent:work") as engine, pytest.raises(EngineError, match="exit status 71, see its messages above"):
        outcomes(engine, [job(0, 1)])
    assert "worker: it cannot load what it works with: No module named 'hpo.absent'" in capfd.readouterr().err


@pytest.mark.usefixtures("_ways")
@pytest.mark.parametrize("seconds", [0.0, 0.2])
def test_left_while_it_starts(seconds: float) -> None:
    """Workers that were never asked for anything end with their engine, wherever they are on their way."""
    with Processes(3, FAKE):
        time.sleep(seconds)
    assert _processes() == []


def test_a_fork_that_the_system_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its error goes to the driver, and its pipe is closed."""

    def refuse() -> Never:
        raise OSError(errno.EAGAIN, os.strerror(errno.EAGAIN))

    monkeypatch.setattr(os, "fork", refuse)
    driver, other = multiprocessing.Pipe()
    with driver:
        assert forking._fork(driver, os.dup(other.fileno()), run) == -errno.EAGAIN
        other.close()
        with pytest.raises(EOFError):
            driver.recv()


def test_a_refused_fork_ends_the_run(jobs: list[Job], monkeypatch: pytest.MonkeyPatch) -> None:
    """With the way out."""
    monkeypatch.setattr(processes._Forking, "_ask", lambda *_: -errno.EAGAIN)
    with Processes(2, FAKE) as engine, pytest.raises(EngineError, match=r"temporarily unavailable; try fewer with --workers"):
        outcomes(engine, jobs)


def test_nothing_is_asked_of_workers_that_load(jobs: list[Job], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The run can look at its time meanwhile."""
    (tmp_path / "slow.py").write_text("import time; time.sleep(1); from hpo.testing.engine_work import run")
    monkeypatch.syspath_prepend(tmp_path)
    seen: list[Progress] = []
    with Processes(2, "slow:run") as engine:
        assert len(list(engine.run(jobs, seen.append))) == len(jobs)
        idle = seen.count(IDLE)
        assert idle > 10
        assert seen[:idle] == [IDLE] * idle
        list(engine.run(jobs, seen.append))
        assert seen.count(IDLE) == idle


@pytest.mark.parametrize("how", ["time.sleep(3600)", "os.kill(os.getpid(), signal.SIGSTOP)"], ids=["hangs", "is stopped"])
def test_workers_that_load_without_end(how: str, jobs: list[Job], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """They are waited for until a bound; then the run ends with the way out, and nothing is left."""
    (tmp_path / "endless.py").write_text(f"import os, signal, time; {how}")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(processes, "_LOADING_SECONDS", 1.0)
    seen: list[Progress] = []
    with Processes(2, "endless:run") as engine:
        with pytest.raises(EngineError, match=r"loaded within 1 s, and still is not: .* --engine serial"):
            list(engine.run(jobs, seen.append))
        left = _processes()
        assert len(left) == 1
    assert gone(left)
    assert set(seen) == {IDLE}


def test_a_worker_without_room_for_a_thread(capfd: pytest.CaptureFixture[str]) -> None:
    """It says so in a line, without a traceback, and ends as one that cannot start."""
    script = (
        "import resource, threading, os; from hpo.engines.worker import serve; r, w = os.pipe(); threading.stack_size(2**32)\n"
        "resource.setrlimit(resource.RLIMIT_AS, (2**31, 2**31)); serve(r, None)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert done.returncode == 71
    assert done.stderr == "worker: it cannot start: can't start new thread\n"


def test_what_forks_has_one_thread() -> None:
    """PyTorch and what belongs to it start none by being loaded: locks of others would stay closed in a fork."""
    with Processes(1, TRAINING) as engine:
        while not engine._workers:
            engine._staff()
        (worker,) = _workers()
        parent = worker.parent()
        assert parent is not None
        assert parent.num_threads() == 1


def test_a_parent_of_workers_that_was_stopped(jobs: list[Job], monkeypatch: pytest.MonkeyPatch) -> None:
    """It is waited for a while, then killed, and nothing is left."""
    monkeypatch.setattr(processes, "_PATIENCE_SECONDS", 0.1)
    with Processes(2, FAKE) as engine:
        outcomes(engine, jobs)
        left = _processes()
        parent = _workers()[0].parent()
        assert parent is not None
        parent.suspend()
    assert gone(left)


@pytest.mark.usefixtures("_ways")
def test_worker_that_died_idle_is_replaced(jobs: list[Job]) -> None:
    """A worker that is killed between two batches of jobs is replaced when it is needed."""
    with Processes(2, FAKE) as engine:
        first = outcomes(engine, jobs)
        dead = _workers()
        assert len(dead) == 2
        for worker in dead:
            worker.kill()
        assert outcomes(engine, jobs) == first
        assert not {worker.pid for worker in dead} & {worker.pid for worker in _workers()}


def test_parent_of_the_workers_that_died_is_replaced(jobs: list[Job]) -> None:
    """Its workers go on; the next one has a new parent."""
    with Processes(2, FAKE) as engine:
        first = outcomes(engine, jobs)
        before = _workers()
        (parent,) = {worker.parent() for worker in before}
        assert parent is not None
        parent.kill()
        assert outcomes(engine, jobs) == first
        before[0].kill()
        assert outcomes(engine, jobs) == first
    assert gone(before)
    assert _processes() == []


@pytest.mark.usefixtures("_ways")
def test_no_worker_is_left(jobs: list[Job]) -> None:
    """Leaving the engine ends its workers, also when it is left on an exception in the middle of the jobs."""
    with pytest.raises(ZeroDivisionError), Processes(2, FAKE) as engine:
        for _ in engine.run(jobs, lambda progress: None):
            raise ZeroDivisionError
    assert _processes() == []


DRIVER = """
    import os, sys, time
    sys.path.insert(0, sys.argv[1])
    from hpo.engines.processes import Processes
    from tests.engines.conftest import FAKE, job
    if __name__ != "__main__":
        raise RuntimeError("a worker imported the user's script")
    def tell(progress):
        if progress.epoch:
            print("epoch", flush=True)
    with Processes(2, FAKE) as engine:
        print("ready", flush=True)
        try:
            list(engine.run([job(0, 2, end=1000), job(2, 2, end=1000)], tell))
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
    """Whether all of the processes end; one that only waits for its new parent to bury it has ended."""
    deadline = time.monotonic() + 30
    while any(map(runs, processes)) and time.monotonic() < deadline:
        time.sleep(0.01)
    return not any(map(runs, processes))


def runs(process: psutil.Process) -> bool:
    """Whether a process does anything yet."""
    try:
        return process.is_running() and bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def test_killed_driver_leaves_no_orphan(driver: subprocess.Popen[str]) -> None:
    """Workers end as soon as their driver is gone, even in the middle of a job."""
    workers = psutil.Process(driver.pid).children(recursive=True)
    assert len(workers) == 3
    driver.kill()
    assert gone(workers)


def test_interrupt_is_the_drivers(driver: subprocess.Popen[str]) -> None:
    """Ctrl-C goes to the whole group; the driver answers it, and the workers end with it and print nothing."""
    workers = psutil.Process(driver.pid).children(recursive=True)
    os.killpg(driver.pid, signal.SIGINT)
    output, errors = driver.communicate(timeout=10)
    assert "interrupted" in output
    assert errors == ""
    assert driver.returncode == 0
    assert gone(workers)


def test_what_the_system_refuses_is_no_fault_of_the_job() -> None:
    """Too few files end the run, so that it can be gone on with; too little memory fails the job, so that halves are tried."""

    def work_that_meets(number: int) -> Work:
        def work(job: Job, on_progress: Callable[[Progress], None]) -> JobResult:
            raise OSError(number, os.strerror(number))

        return work

    with pytest.raises(EngineError, match=r"Too many open files; .* nothing is lost"):
        attempt(work_that_meets(errno.EMFILE), job(0, 1), print)
    failures = [attempt(work_that_meets(number), job(0, 1), print) for number in (errno.ENOMEM, errno.ENOENT)]
    assert [isinstance(failure, JobFailure) and failure.out_of_memory for failure in failures] == [True, False]


def test_workers_have_one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers are told to compute with one thread each, and the driver's own environment stays as it was."""
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    with Processes(1, FAKE) as engine:
        assert outcomes(engine, [job(0, 1)])
        (worker,) = _workers()
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


def test_a_worker_that_cannot_be_replaced_ends_the_run(jobs: list[Job], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """With the others at work, the message is the one about workers that cannot be started."""

    def no_more(engine: Processes) -> Never:
        raise OSError(errno.EAGAIN, os.strerror(errno.EAGAIN))

    monkeypatch.setenv("FAKE_DEATHS", str(tmp_path / "mark"))
    with Processes(2, FAKE) as engine:
        monkeypatch.setattr(Processes, "_worker", no_more)
        with pytest.raises(EngineError, match="2 workers cannot be started: Resource temporarily unavailable"):
            outcomes(engine, jobs)
