"""Jobs one after the other, in this process."""

import errno
import traceback
from collections.abc import Iterator, Sequence
from typing import Self

from ..errors import EngineError
from ..training.job import Job, JobResult
from .base import JobFailure, OnProgress
from .work import TRAINING, Work, find


class Serial:
    """The engine for one core, for debugging, and for where no process may be started."""

    def __init__(self, work: str = TRAINING) -> None:
        self._work: Work = find(work)

    @property
    def slots(self) -> int:
        """One job at a time."""
        return 1

    def run(self, jobs: Sequence[Job], on_progress: OnProgress) -> Iterator[tuple[int, JobResult | JobFailure]]:
        """Each job's index and outcome, in order."""
        for index, job in enumerate(jobs):
            yield index, attempt(self._work, job, on_progress)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        """There is nothing to end."""


REFUSED = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOSPC, errno.EDQUOT, errno.EIO})
"""What says nothing about a job but that the system has no files or no room to give now."""


def attempt(work: Work, job: Job, on_progress: OnProgress) -> JobResult | JobFailure:
    """What the work makes of a job; its own exceptions are a failure of the job, not of the engine.

    Raises EngineError where the system refused the job a file: its networks are not to blame, and another run may train them.
    """
    try:
        return work(job, on_progress)
    except Exception as error:
        if isinstance(error, OSError) and error.errno in REFUSED:
            way_out = "raise the limit or make room, and run the same command again, nothing is lost"
            raise EngineError(f"a job must be able to use its files, got: {error.strerror}; {way_out}") from error
        message = " ".join(f"{type(error).__name__}: {error}".split())
        return JobFailure(message, traceback.format_exc(), is_out_of_memory(error))


def is_out_of_memory(error: BaseException) -> bool:
    """Whether a smaller job might have fitted. torch's own error is told by its name, so that torch need not be there."""
    if isinstance(error, MemoryError) or (isinstance(error, OSError) and error.errno == errno.ENOMEM):
        return True
    return type(error).__name__ == "OutOfMemoryError" or "can't allocate memory" in str(error)
