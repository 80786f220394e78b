"""Jobs in worker processes on this machine, one thread each."""

import contextlib
import multiprocessing
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from multiprocessing.connection import Connection, wait
from typing import Any, Self, TypeAlias, cast

from ..errors import EngineError
from ..training.job import Job, JobResult, Progress
from .base import DEATHS_ALLOWED, JobFailure, OnProgress, Waiting
from .environment import KEPT_MEMORY, ONE_THREAD, without_secrets
from .work import TRAINING

# Not multiprocessing.Process: it imports the user's own script again, which costs time and fails without a guard, and takes
# its environment from this process. The path is handed on because a user's modules may lie on one that only we know.
_START = "import sys; sys.path[:] = sys.argv[3:]; from hpo.engines.worker import main; main(int(sys.argv[1]), sys.argv[2])"

Pipe: TypeAlias = "Connection[Any, Any]"


class _Worker:
    """A process and the pipe to it, which closes when either side dies."""

    def __init__(self, work: str) -> None:
        self.pipe, other = multiprocessing.Pipe()
        with other, _interrupts_held():
            # Interrupts stay held in the worker for good: Ctrl-C is the driver's to answer.
            self.process = subprocess.Popen(
                [sys.executable, "-c", _START, str(other.fileno()), work, *sys.path],
                pass_fds=[other.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=2,  # What a user's network prints must not mix with the driver's data.
                env={**without_secrets(), **ONE_THREAD, **KEPT_MEMORY},
            )

    def end(self) -> None:
        self.pipe.close()
        self.process.kill()
        self.process.wait()


@contextlib.contextmanager
def _interrupts_held() -> Iterator[None]:
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class Processes:
    """The engine for a machine with several cores. Its workers start when it is entered, and import torch meanwhile."""

    def __init__(self, workers: int, work: str = TRAINING) -> None:
        self._count = workers
        self._work = work
        self._workers: dict[Pipe, _Worker] = {}

    def __enter__(self) -> Self:
        self._staff()
        return self

    def __exit__(self, *exc_info: object) -> None:
        while self._workers:
            self._workers.popitem()[1].end()

    @property
    def slots(self) -> int:
        """Its workers."""
        return self._count

    def _staff(self) -> None:
        try:
            while len(self._workers) < self._count:
                worker = _Worker(self._work)
                self._workers[worker.pipe] = worker
        except OSError as error:
            self.__exit__()
            raise EngineError(f"{self._count} workers cannot be started: {error.strerror}; try fewer with --workers") from None

    def run(self, jobs: Sequence[Job], on_progress: OnProgress) -> Iterator[tuple[int, JobResult | JobFailure]]:
        """Each job's index and outcome, as they come. A worker that dies is replaced and its job run again.

        Raises EngineError when a job has killed its worker three times.
        """
        waiting = Waiting(jobs)
        at_work: dict[Pipe, int] = {}
        deaths: Counter[int] = Counter()
        try:
            while waiting or at_work:
                self._hand_out(jobs, waiting, at_work)
                for pipe in cast(list[Pipe], wait(list(at_work))):
                    message = self._receive(pipe)
                    if isinstance(message, Progress):
                        on_progress(message)
                        continue
                    index = at_work.pop(pipe)
                    if message is None:
                        deaths[index] += 1
                        self._bury(pipe, jobs[index], deaths[index])
                        waiting.again.append(index)
                    self._hand_out(jobs, waiting, at_work)
                    if message is not None:
                        yield index, message
        finally:
            for pipe in set(at_work) & set(self._workers):  # Left before the end: what these workers still do is of no use.
                self._workers.pop(pipe).end()

    def _hand_out(self, jobs: Sequence[Job], waiting: Waiting, at_work: dict[Pipe, int]) -> None:
        self._staff()
        for pipe in list(self._workers):
            if waiting and pipe not in at_work:
                at_work[pipe] = waiting.take()
                with contextlib.suppress(OSError):  # It died while idle, which is noticed when its answer is read.
                    pipe.send(jobs[at_work[pipe]])

    def _receive(self, pipe: Pipe) -> Progress | JobResult | JobFailure | None:
        try:
            message: Progress | JobResult | JobFailure = pipe.recv()
        except (EOFError, OSError):
            return None
        return message

    def _bury(self, pipe: Pipe, job: Job, deaths: int) -> None:
        worker = self._workers.pop(pipe)
        worker.end()
        if deaths == DEATHS_ALLOWED:
            trials = sorted({lane.trial for lane in job.lanes})
            raise EngineError(
                f"a worker died {deaths} times over the same job (trials {trials}): {_cause(worker.process.returncode)}"
            )


def _cause(status: int) -> str:
    if status == -signal.SIGKILL:
        return "it was killed, as the system does when memory runs out; try fewer --workers, or fewer --lanes in a new study"
    if status < 0:
        return f"signal {signal.Signals(-status).name}"
    return f"exit status {status}, see its messages above"
