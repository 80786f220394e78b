"""Jobs in worker processes on this machine, one thread each."""

import contextlib
import multiprocessing
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from multiprocessing.connection import Connection, wait
from multiprocessing.reduction import send_handle
from time import monotonic
from typing import Any, Protocol, Self, TypeAlias, cast

from ..errors import EngineError
from ..training.job import Job, JobResult, Progress
from .base import DEATHS_ALLOWED, IDLE, JobFailure, OnProgress, Waiting
from .environment import KEPT_MEMORY, ONE_THREAD, without_secrets
from .work import TRAINING

# Not multiprocessing.Process: it imports the user's own script again, which costs time and fails without a guard, and takes
# its environment from this process. The path is handed on because a user's modules may lie on one that only we know.
_START = "import sys; sys.path[:] = sys.argv[3:]; from hpo.engines.{} import main; main(int(sys.argv[1]), sys.argv[2])"

_FORKS = sys.platform == "linux"
"""Whether workers are forks of one process. Elsewhere a system's own libraries may not survive that."""

_POLL_SECONDS = 0.01

_PATIENCE_SECONDS = 10.0
"""With the process that forks, which answers in milliseconds; one that somebody has stopped does not."""

_LOADING_SECONDS = 300.0
"""That the process that forks may take to load: PyTorch takes 3 on a slow core, and more over a network that is busy."""

Pipe: TypeAlias = "Connection[Any, Any]"


def _start(module: str, work: str) -> tuple[Pipe, "subprocess.Popen[bytes]"]:
    """A process of ours that does some work, and the pipe to it, which closes when either side dies."""
    pipe, other = multiprocessing.Pipe()
    with other, _interrupts_held():
        # Interrupts stay held in the process for good: Ctrl-C is the driver's to answer.
        return pipe, subprocess.Popen(
            [sys.executable, "-c", _START.format(module), str(other.fileno()), work, *sys.path],
            pass_fds=[other.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=2,  # What a user's network prints must not mix with the driver's data.
            env={**without_secrets(), **ONE_THREAD, **KEPT_MEMORY},
        )


class _Worker(Protocol):
    """A process that works, and the pipe to it."""

    pipe: Pipe

    def end(self) -> int:
        """Kill it; its exit status."""
        ...


class _Alone:
    """A worker that has loaded what it needs by itself."""

    def __init__(self, work: str) -> None:
        self.pipe, self._process = _start("worker", work)

    def end(self) -> int:
        """See _Worker."""
        self.pipe.close()
        self._process.kill()
        return self._process.wait()


class _Forking:
    """The process that loads what workers need, and forks into them; see hpo.engines.forking."""

    def __init__(self, work: str) -> None:
        self._pipe, self._process = _start("forking", work)
        self._began = monotonic()
        self.loaded = False

    @property
    def dead(self) -> bool:
        """Whether it can answer no more."""
        return self._process.poll() is not None

    @property
    def loads(self) -> bool:
        """Whether there can be no worker of it yet. Raises EngineError when it has been loading for too long."""
        with contextlib.suppress(EOFError, OSError):
            if not self.loaded and self._pipe.poll():
                self._pipe.recv()
                self.loaded = True
        if not self.loaded and not self.dead and monotonic() - self._began > _LOADING_SECONDS:
            rule = f"what they work with must be loaded within {_LOADING_SECONDS:.0f} s, and still is not"
            raise EngineError(f"workers cannot be started: {rule}: give the same command again, or with --engine serial")
        return not self.loaded and not self.dead

    def fork(self) -> "_Fork":
        """One more worker. Raises OSError where the system has no room for it, EOFError when this process is dead."""
        pipe, other = multiprocessing.Pipe()
        with other:
            worker = self._ask(0, other.fileno())
        if worker < 0:
            raise OSError(-worker, os.strerror(-worker))
        return _Fork(pipe, self, worker)

    def end_worker(self, worker: int) -> int:
        """Kill a worker; its exit status, or this process's own if that is dead too."""
        try:
            return self._ask(worker)
        except EOFError:
            return self.end()

    def _ask(self, worker: int, descriptor: int | None = None) -> int:
        try:
            self._pipe.send(worker)
            if descriptor is not None:
                send_handle(self._pipe, descriptor, None)
            if self._pipe.poll(_PATIENCE_SECONDS):
                return cast(int, self._pipe.recv())
        except OSError:
            pass
        except BaseException:  # Its next answer would be to this question.
            self.end()
            raise
        self.end()
        raise EOFError

    def end(self) -> int:
        """Kill it; its exit status. Workers that are left see it by their pipes."""
        self._pipe.close()
        self._process.kill()
        return self._process.wait()


class _Fork:
    """A worker that shares what it needs with others."""

    def __init__(self, pipe: Pipe, parent: _Forking, worker: int) -> None:
        self.pipe, self._parent, self._worker = pipe, parent, worker

    def end(self) -> int:
        """See _Worker."""
        self.pipe.close()
        return self._parent.end_worker(self._worker)


@contextlib.contextmanager
def _interrupts_held() -> Iterator[None]:
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class Processes:
    """The engine for a machine with several cores. What its workers need is loaded from when it is entered."""

    def __init__(self, workers: int, work: str = TRAINING) -> None:
        self._count = workers
        self._work = work
        self._workers: dict[Pipe, _Worker] = {}
        self._parent: _Forking | None = None
        self._false_starts = 0

    def __enter__(self) -> Self:
        self._staff()
        return self

    def __exit__(self, *exc_info: object) -> None:
        while self._workers:
            self._workers.popitem()[1].end()
        if self._parent is not None:
            self._parent.end()
            self._parent = None

    @property
    def slots(self) -> int:
        """Its workers."""
        return self._count

    def _staff(self) -> None:
        try:
            while len(self._workers) < self._count and (worker := self._worker()) is not None:
                self._workers[worker.pipe] = worker
        except OSError as error:
            self.__exit__()
            raise EngineError(f"{self._count} workers cannot be started: {error.strerror}; try fewer with --workers") from None

    def _worker(self) -> _Worker | None:
        """One more; None while what it works with is still to be loaded."""
        if not _FORKS:
            return _Alone(self._work)
        if self._parent is not None and self._parent.dead:
            self._bury_parent(self._parent)
        if self._parent is None:
            self._parent = _Forking(self._work)
        if self._parent.loads:
            return None
        try:
            return self._parent.fork()
        except EOFError:
            return None

    def _bury_parent(self, parent: _Forking) -> None:
        status, self._parent = parent.end(), None
        self._false_starts += not parent.loaded
        if not parent.loaded and (status >= 0 or self._false_starts == DEATHS_ALLOWED):
            raise EngineError(f"workers cannot be started: {_cause(status)}")

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
                if loads := len(self._workers) < self._count:
                    on_progress(IDLE)
                for pipe in cast(list[Pipe], wait(list(at_work), _POLL_SECONDS if loads else None)):
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
        status = self._workers.pop(pipe).end()
        if deaths == DEATHS_ALLOWED:
            trials = sorted({lane.name for lane in job.lanes})
            raise EngineError(f"a worker died {deaths} times over the same job (trials {trials}): {_cause(status)}")


def _cause(status: int) -> str:
    if status == -signal.SIGKILL:
        return "it was killed, as the system does when memory runs out; try fewer --workers, or fewer --lanes in a new study"
    if status < 0:
        return f"signal {signal.Signals(-status).name}"
    return f"exit status {status}, see its messages above"
