"""What a run tells its display, as it happens. A display takes each event and returns soon; it decides nothing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ..attributes import Outcome, Purpose
from ..space import Interval
from ..spec import ExecutionSpec
from ..training.job import Progress


@dataclass(frozen=True, slots=True)
class RunStarted:
    """The study has been read, and work begins."""

    study: str
    trials: int
    """Trials that the study will have in all after this run."""
    told: int
    """Trials told before it."""
    resumed: int
    """Open trials that it takes up."""


@dataclass(frozen=True, slots=True)
class Settled:
    """How the study's jobs are cut and computed has been decided, for all of its runs."""

    execution: ExecutionSpec


@dataclass(frozen=True, slots=True)
class Noted:
    """Something that the user should know of how jobs are computed; shown once a run."""

    note: str


@dataclass(frozen=True, slots=True)
class StageStarted:
    """The run turns to a stage, for the first time or again."""

    stage: str
    trials: int
    """Trials that the stage is to have."""
    box: Mapping[str, Interval]
    kept: tuple[int, ...]
    """Numbers of the trials that a narrowed box was drawn around."""
    notes: tuple[str, ...] = ()
    """What the user should know of the box."""


@dataclass(frozen=True, slots=True)
class CohortAsked:
    """A cohort is open: asked just now, or taken up after an interruption."""

    stage: str
    cohort: int
    trials: tuple[int, ...]
    """Numbers of its open trials."""
    resumed: bool


@dataclass(frozen=True, slots=True)
class Waiting:
    """There is nothing to do but to wait for another driver, which lives and works on a cohort."""

    cohort: int
    host: str
    process: int


@dataclass(frozen=True, slots=True)
class StorageLost:
    """The database server does not answer; the run waits for it."""

    reason: str
    seconds: float
    """So long it waits, at the most."""


@dataclass(frozen=True, slots=True)
class StorageBack:
    """The server answers again, and the run goes on."""

    seconds: float
    """That it was away."""


@dataclass(frozen=True, slots=True)
class RungStarted:
    """The live lanes of a cohort go on from the end of epoch `begin` to the end of epoch `end`."""

    cohort: int
    begin: int
    end: int
    lanes: int
    jobs: int
    lane_steps: int
    """Steps of all the lanes together, those included that were done before an interruption."""


@dataclass(frozen=True, slots=True)
class GroupStarted:
    """Lanes of a cohort that is asked trial by trial are handed to the engine, which will have a slot for them soon."""

    cohort: int
    begin: int
    end: int
    lanes: int
    under_way: int
    """Lanes that the engine has now, these included."""


@dataclass(frozen=True, slots=True)
class JobProgress:
    """An epoch of a job has ended."""

    progress: Progress


@dataclass(frozen=True, slots=True)
class TrialTold:
    """A trial has ended, and the sampler knows."""

    number: int
    stage: str
    outcome: Outcome
    value: float | None
    params: Mapping[str, Any]
    epochs: int
    """Epochs that it trained for."""
    best: bool
    """Whether it is the best complete trial of the study so far."""
    evidence: Purpose | None = None
    """What it was asked for after the search; None for a trial of the search."""


@dataclass(frozen=True, slots=True)
class RungDone:
    """All that a rung brought is in the storage."""

    cohort: int
    epoch: int
    live: int
    """Trials of the cohort that go on."""


@dataclass(frozen=True, slots=True)
class StageDone:
    """A stage has all the trials that it was to have."""

    stage: str
    outcomes: Mapping[str, int]


Event = (
    RunStarted
    | Settled
    | Noted
    | StageStarted
    | CohortAsked
    | Waiting
    | StorageLost
    | StorageBack
    | RungStarted
    | GroupStarted
    | JobProgress
    | TrialTold
    | RungDone
    | StageDone
)
Display = Callable[[Event], None]


def ignore(event: Event) -> None:
    """The display that shows nothing."""
