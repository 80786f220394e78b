"""What every engine does, so that they can take each other's place."""

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
