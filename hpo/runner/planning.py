"""What to ask next: the stage, its box, and how many trials. Pure functions of the stored study."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from optuna.trial import FrozenTrial

from ..attributes import same_as_of
from ..search import comparable, expanded, narrowed, ranked
from ..space import Box
from ..spec import StageSpec, StudySpec
from .stored import StageState


@dataclass(frozen=True, slots=True)
class Plan:
    """A cohort to ask."""

    stage: StageState
    """With its box, which is decided here when the stage starts."""
    trials: int
    left: int
    """Trials that may be asked of this stage, those of the cohort included."""


@dataclass
class Budget:
    """How many trials a run may still ask for; None: all that the stages lack."""

    left: int | None

    def spend(self, trials: int) -> None:
        """Take note of trials that have been asked."""
        self.left = None if self.left is None else self.left - trials


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
    return Plan(started, even_share(wanted, cohort), wanted)


def even_share(trials: int, cohort: int) -> int:
    """The size of the next cohort, so that all cohorts of these trials are of nearly one size and none larger than `cohort`."""
    return -(-trials // -(-trials // cohort))


def _started(spec: StudySpec, place: int, stages: Sequence[StageState], trials: Sequence[FrozenTrial]) -> StageState:
    stage = stages[place]
    before = stages[place - 1].box if place else None
    start = first_box(spec, spec.stage[place], before, comparable(spec, stages[place - 1].name, trials) if place else ())
    return replace(stage, box=start.box, kept=start.kept, notes=start.notes)


class Start(NamedTuple):
    """How a stage starts."""

    box: Box
    kept: tuple[int, ...]
    """Numbers of the trials that a narrowed box was drawn around."""
    notes: tuple[str, ...]
    """What its user should know of it."""


def first_box(spec: StudySpec, stage: StageSpec, before: Box | None, trials: Sequence[FrozenTrial]) -> Start:
    """A stage's box when it starts, and the trials that it was drawn around.

    With fewer than two trials to draw it around, because the others diverged or failed, a narrowed box is the box before it.
    """
    if stage.narrow is None:
        return Start(stage.box, (), ())
    points = [trial for trial in trials if same_as_of(trial) is None]
    kept = ranked(points, spec.search.direction)[: stage.narrow.keep]
    few = _few(stage, len(kept))
    if len(kept) < 2:
        return Start(before or {}, (), few)
    box = narrowed(spec.space, [trial.params for trial in kept], stage.narrow.margin)
    wider = expanded(spec.space, box, before or {}, kept[0].params, stage.narrow.expand)
    return Start(wider, tuple(trial.number for trial in kept), (*few, *_widened(before or {}, wider)))


def _few(stage: StageSpec, there: int) -> tuple[str, ...]:
    """What to say of a stage that finds fewer trials than it is to keep."""
    assert stage.narrow is not None
    if there >= stage.narrow.keep:
        return ()
    short = f"stage {stage.name} narrows around the best {stage.narrow.keep} points, but only {there} got by without failing"
    return (
        f"{short}: " + ("it is drawn around these" if there > 1 else "that leaves nothing to narrow to, the box stays as it was"),
    )


def _widened(before: Box, box: Box) -> Iterator[str]:
    for name, (low, high) in box.items():
        ends = before.get(name)
        if ends is not None and (low < ends[0] or high > ends[1]):
            yield f"{name} now reaches from {low:.4g} to {high:.4g}, beyond the box before ({ends[0]:.4g} to {ends[1]:.4g})"
