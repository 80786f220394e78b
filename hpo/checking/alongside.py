"""The quick check, made by a worker while the others begin to train."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Self, overload

from ..data import Prepared
from ..engines import Engine, JobFailure, OnProgress
from ..errors import EngineError
from ..spec import StudySpec
from ..training.job import Job, JobResult
from .jobs import CheckJob, check_job

Tell = Callable[[Sequence[str]], None]


class Alongside:
    """An engine that runs a check ahead of the first jobs it is given, and tells what it found.

    The jobs' results are those of the engine itself. A check that fails, or takes its worker with it, stops nothing.
    """

    def __init__(self, engine: Engine, check: CheckJob, tell: Tell) -> None:
        self._engine, self._tell = engine, tell
        self._check: CheckJob | None = check

    @property
    def slots(self) -> int:
        """See Engine."""
        return self._engine.slots

    def run(self, jobs: Sequence[Job], on_progress: OnProgress) -> Iterator[tuple[int, JobResult | JobFailure]]:
        """See Engine."""
        if self._check is None:
            yield from self._engine.run(jobs, on_progress)
            return
        check, self._check = self._check, None
        done: set[int] = set()
        told = False
        try:
            for index, outcome in self._engine.run(_Ahead(check, jobs), on_progress):
                if index == 0:
                    told = True
                    self._tell(_lines(outcome))
                else:
                    done.add(index - 1)
                    yield index - 1, outcome
        except EngineError as error:
            if told:
                raise
            self._tell([f"it could not be made: {error}"])
            places = [place for place in range(len(jobs)) if place not in done]
            for index, outcome in self._engine.run([jobs[place] for place in places], on_progress):
                yield places[index], outcome

    def __enter__(self) -> Self:
        self._engine.__enter__()
        return self

    def __exit__(self, *exc_info: object) -> None:
        """See Engine."""
        self._engine.__exit__(*exc_info)


def alongside(engine: Engine, spec: StudySpec, data: Prepared, tell: Tell) -> Engine:
    """The engine, made with engines.CHECKING, with the quick check of a study ahead of its first jobs.

    `tell` is given what to warn of, and is called once, with nothing when all is well.
    """
    return Alongside(engine, check_job(spec, data), tell)


def _lines(outcome: JobResult | JobFailure) -> Sequence[str]:
    return [f"it could not be made: {outcome.error}"] if isinstance(outcome, JobFailure) else outcome.notes


@dataclass(frozen=True)
class _Ahead(Sequence[Job]):
    """Jobs with another one ahead; each is made when it is asked for."""

    first: Job
    rest: Sequence[Job]

    def __len__(self) -> int:
        return 1 + len(self.rest)

    @overload
    def __getitem__(self, index: int) -> Job: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Job]: ...
    def __getitem__(self, index: int | slice) -> Job | Sequence[Job]:
        if isinstance(index, slice):
            return [self[place] for place in range(*index.indices(len(self)))]
        return self.first if index == 0 else self.rest[index - 1]
