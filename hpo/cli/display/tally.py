"""A run's events added up: what is done, how fast it goes, how long it will take. Prints nothing."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ...runner.events import (
    CohortAsked,
    Event,
    GroupStarted,
    JobProgress,
    RungStarted,
    RunStarted,
    StageDone,
    StageStarted,
    StorageBack,
    StorageLost,
    TrialTold,
    Waiting,
)


class Best(NamedTuple):
    """The best trial so far."""

    number: int
    value: float
    params: Mapping[str, Any]


@dataclass
class Tally:
    """The state of a run after the events so far. Times are in seconds of one clock of the caller's."""

    epochs: int | None
    """Epochs of a trial that is not pruned; None where only the clock knows."""
    replicates: int
    kept: float = 1.0
    """Share of their epochs that trials are expected to take, as long as none has ended."""
    planned: int = 0
    told: int = 0
    """Trials told in all, before this run too."""
    outcomes: Counter[str] = field(default_factory=Counter)
    evidence: int = 0
    """Trials told in this run that were asked after the search; counted nowhere else."""
    running: int = 0
    stage: str = ""
    rung: tuple[int, int] | None = None
    """First and last epoch of the rung under way."""
    waiting: Waiting | None = None
    """For which other driver."""
    lost: StorageLost | None = None
    """While the database server does not answer."""
    best: Best | None = None
    lane_steps: int = 0
    lane_epochs: int = 0
    told_epochs: int = 0
    """Epochs of the trials told in this run, taken together."""
    began: float | None = None
    """When training began."""
    now: float = 0.0

    def take(self, event: Event, now: float) -> None:
        """Add an event that came at this time."""
        self.now = now
        match event:
            case RunStarted():
                self.planned, self.told = event.trials, event.told
            case StageStarted():
                self.stage = event.stage
            case CohortAsked():
                self.running, self.waiting = len(event.trials), None
            case Waiting():
                self.waiting = event
            case StorageLost():
                self.lost = event
            case StorageBack():
                self.lost = None
            case RungStarted():
                self.rung = (event.begin + 1, event.end)
                self.began = now if self.began is None else self.began
            case GroupStarted():
                self.rung = None
                self.began = now if self.began is None else self.began
            case JobProgress():
                self.lane_steps += event.progress.lane_steps
                self.lane_epochs += event.progress.lanes
            case TrialTold():
                self._tell(event)
            case StageDone():
                self.running, self.rung = 0, None

    def _tell(self, event: TrialTold) -> None:
        self.running = max(0, self.running - 1)
        if event.evidence is not None:
            self.evidence += 1
            return
        self.told += 1
        self.outcomes[event.outcome] += 1
        self.told_epochs += event.epochs
        if event.best and event.value is not None:
            self.best = Best(event.number, event.value, event.params)

    @property
    def pace(self) -> float | None:
        """Lane-steps per second since training began; None before the first ones."""
        if self.began is None or self.now <= self.began or not self.lane_steps:
            return None
        return self.lane_steps / (self.now - self.began)

    @property
    def left(self) -> float | None:
        """Seconds to go at the pace so far: trials that a rung has let through take all their epochs, others the mean.

        None where nothing is known yet.
        """
        if self.pace is None or not self.lane_epochs:
            return None
        chosen = self.running if self.rung is not None and self.rung[0] > 1 else 0
        ended = self.outcomes.total()
        whole = self.epochs if self.epochs is not None or not ended else self.told_epochs / ended
        if whole is None:
            return None
        mean = (self.told_epochs + chosen * whole) / (ended + chosen) if ended + chosen else whole * self.kept
        to_come = chosen * whole + max(0, self.planned - self.told - chosen) * mean
        spent = max(0.0, self.lane_epochs - self.replicates * self.told_epochs)
        return max(0.0, self.replicates * to_come - spent) * (self.lane_steps / self.lane_epochs) / self.pace
