"""What to ask next: the stage, its box, and how many trials. Pure functions of the stored study."""

from collections.abc import Sequence
from dataclasses import dataclass

from optuna.trial import FrozenTrial

from ..search import comparable, narrowed, ranked
from ..space import Box
from ..spec import StageSpec, StudySpec
from .stored import StageState


@dataclass(frozen=True, slots=True)
class Plan:
    """A cohort to ask."""

    stage: StageState
    """With its box, which is decided here when the stage starts."""
    trials: int


def next_plan(
    spec: StudySpec, stages: Sequence[StageState], trials: Sequence[FrozenTrial], budget: int | None, cohort: int, queued: int = 0
) -> Plan | None:
    """The next cohort: of the first stage that lacks trials, past the last stage of that one, in its box, while there is budget.

    `budget`: how many trials may still be asked; None: all that the stages lack, and past the last one what is `queued`. None
    when there is nothing left to ask.
    """
    lacking = next((place for place, stage in enumerate(stages) if stage.asked < stage.trials), None)
    if lacking is None and budget is None:
        budget = queued
    place = len(stages) - 1 if lacking is None else lacking
    stage = stages[place]
    wanted = stage.trials - stage.asked if lacking is not None else budget or 0
    wanted = wanted if budget is None else min(wanted, budget)
    if wanted < 1:
        return None
    started = stage if stage.box is not None else _started(spec, place, stages, trials)
    return Plan(started, even_share(wanted, cohort))


def even_share(trials: int, cohort: int) -> int:
    """The size of the next cohort, so that all cohorts of these trials are of nearly one size and none larger than `cohort`."""
    return -(-trials // -(-trials // cohort))


def _started(spec: StudySpec, place: int, stages: Sequence[StageState], trials: Sequence[FrozenTrial]) -> StageState:
    stage = stages[place]
    before = stages[place - 1].box if place else None
    box, kept = first_box(spec, spec.stage[place], before, comparable(spec, stages[place - 1].name, trials) if place else ())
    return StageState(stage.name, stage.trials, stage.asked, stage.told, stage.outcomes, box, kept)


def first_box(
    spec: StudySpec, stage: StageSpec, before: Box | None, trials: Sequence[FrozenTrial]
) -> tuple[Box, tuple[int, ...]]:
    """A stage's box when it starts, and the trials that it was drawn around.

    With fewer than two trials to draw it around, because the others diverged or failed, a narrowed box is the box before it.
    """
    if stage.narrow is None:
        return stage.box, ()
    kept = ranked(trials, spec.search.direction)[: stage.narrow.keep]
    if len(kept) < 2:
        return before or {}, ()
    return narrowed(spec.space, [trial.params for trial in kept], stage.narrow.margin), tuple(trial.number for trial in kept)
