"""What every engine does, so that they can take each other's place."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, Self

from ..training.job import Job, JobResult, Progress


@dataclass(frozen=True, slots=True)
class JobFailure:
    """A job that ended in an exception of its own; running it again would end the same way."""

    error: str
    """The exception's type and message, on one line."""
    traceback: str
    out_of_memory: bool = False


DEATHS_ALLOWED = 3
"""So many workers a job may take with it before it is given up."""


class Waiting:
    """Jobs that no worker has: those that are to be run again, then the others in order, late ones included."""

    def __init__(self, jobs: Sequence[Job]) -> None:
        self._jobs, self._next = jobs, 0
        self.again: deque[int] = deque()

    def __bool__(self) -> bool:
        return bool(self.again) or self._next < len(self._jobs)

    def take(self) -> int:
        """The index of the next one."""
        if self.again:
            return self.again.popleft()
        self._next += 1
        return self._next - 1


IDLE = Progress(0, 0, 0, None)
"""Nothing has happened for a while, or can happen yet: for a run that has to look at its time."""

OnProgress = Callable[[Progress], None]


class Engine(Protocol):
    """Runs jobs. Any engine gives the same result for the same job, bit for bit.

    Used as a context manager: leaving it ends every worker, at once when leaving on an exception.
    """

    @property
    def slots(self) -> int:
        """Jobs that it can do at once, now."""
        ...

    def run(self, jobs: Sequence[Job], on_progress: OnProgress) -> Iterator[tuple[int, JobResult | JobFailure]]:
        """Each job's index and outcome, as they come. A worker that dies is replaced and its job run again.

        Jobs that are appended to `jobs` between two outcomes are done as well. Raises EngineError (of hpo.errors) when a job has
        killed its worker three times.
        """
        ...

    def __enter__(self) -> Self: ...

    def __exit__(self, *exc_info: object) -> None: ...
