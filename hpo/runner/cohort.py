"""The trials that go through the rungs together."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from optuna.trial import FrozenTrial, TrialState

from ..attributes import Purpose, asynchronous, cohort_of, evidence_of, networks_of, place_of, same_as_of, stage_of, until_of
from ..search import rung_epochs
from ..spec import ModelSpec, StudySpec, TrainingSpec
from ..storage import identifier_of
from .stored import Moment, StoredStudy


@dataclass(frozen=True, slots=True)
class Member:
    """An open trial with its settings."""

    number: int
    identifier: int
    """Optuna's key of the trial in its storage."""
    params: dict[str, Any]
    model: ModelSpec
    training: TrainingSpec
    epochs: int
    """Epochs of its whole budget, at the most where that is in seconds."""
    place: int
    """What its random streams are keyed by: how many of hpo's trials were asked before it."""
    reached: int
    """The last epoch that it has reported; 0 before its first rung."""
    networks: tuple[int, ...]
    """Numbers of its networks among the study's replicates."""


@dataclass(frozen=True, slots=True)
class Cohort:
    """The open trials of a cohort that are trained, by number, after its last rung."""

    number: int
    stage: str
    members: tuple[Member, ...]
    epochs: int
    """Epochs of its longest trials, those that have ended included."""
    repeats: int
    """Open trials that are not trained: their points are those of other trials."""
    asynchronous: bool
    """Whether its trials were asked one by one, and go through the rungs each by itself."""
    evidence: Purpose | None = None
    """What its trials were asked for after the search; None where they are a part of it."""
    until: int | None = None
    """The epoch that evidence ends at; None: where its budget does."""

    @property
    def reached(self) -> int:
        """The rung that all its open trials have reported at; 0 before the first one."""
        return max((member.reached for member in self.members), default=0)


def open_cohorts(now: Moment) -> list[int]:
    """Cohorts with open trials, the oldest first."""
    return sorted({cohort_of(trial) or 0 for trial in now.open})


def cohort_at(study: StoredStudy, number: int, trials: Sequence[FrozenTrial]) -> Cohort:
    """A cohort with open trials, of which these are all, as it is."""
    stage, images = stage_of(trials[0]), study.images
    assert stage is not None
    running = [trial for trial in trials if trial.state == TrialState.RUNNING]
    members = [member_of(study.spec, trial, images) for trial in running if same_as_of(trial) is None]
    epochs = max(study.spec.settings(trial.params, stage)[1].total_epochs(images) for trial in trials)
    repeats, first = len(running) - len(members), trials[0]
    return Cohort(number, stage, tuple(members), epochs, repeats, asynchronous(first), evidence_of(first), until_of(first))


def member_of(spec: StudySpec, trial: FrozenTrial, images: int) -> Member:
    """An open trial of a study with so many training images."""
    model, training = spec.settings(trial.params, stage_of(trial))
    epochs = training.total_epochs(images)
    networks, reached = networks_of(trial) or tuple(range(spec.search.replicates)), trial.last_step or 0
    return Member(trial.number, identifier_of(trial), trial.params, model, training, epochs, place_of(trial), reached, networks)


def next_rung(spec: StudySpec, cohort: Cohort) -> int:
    """The epoch at which the cohort reports next; evidence, which nothing prunes, goes to its end at once."""
    if cohort.evidence is not None:
        return cohort.until or cohort.epochs
    return next(epoch for epoch in rung_epochs(spec.search, cohort.epochs) if epoch > cohort.reached)
