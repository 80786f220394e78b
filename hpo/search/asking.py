"""Asking for a cohort: a pure function of the study file, the box, the trials told before and the numbers asked for.

Samplers are asked in a scratch study in memory, which holds the told trials that lie in the stage's box, with the box as their
distribution. The real study only ever gets whole trials with the distributions of the whole space. Asked again after a crash,
the same questions get the same answers.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby, islice
from typing import Any

import optuna
from optuna.distributions import BaseDistribution
from optuna.trial import FrozenTrial, TrialState

from ..attributes import CONSTRAINT, at_chance_of, cohort_of, enqueued, outcome_of, stage_of
from ..seeds import derive
from ..space import Box
from ..spec import StudySpec
from . import grid
from .boxes import inside
from .comparable import comparable
from .samplers import SamplerKind, kind_of, make_sampler, one_thread

Point = dict[str, Any]


def ask(
    spec: StudySpec,
    stage: str,
    box: Box,
    told: Sequence[FrozenTrial],
    numbers: Sequence[int],
    queued: Sequence[Mapping[str, Any]] = (),
    running: Sequence[Point] = (),
) -> list[Point]:
    """Parameters for the trials of these numbers, in a stage with this box, after the trials told so far (by number).

    `queued` are the points, or parts of them, that are to be tried as the first of these trials, `running` those of open trials
    that they are asked beside. Fewer points than numbers when
    a grid has no more. A sampler that learns is shown the trials with the stage's own budget.
    """
    if spec.search.sampler == "grid":
        visited = sum(stage_of(trial) == stage for trial in told)
        return list(islice(grid.points(spec.space, box), visited, visited + len(numbers)))
    first = [_completed(spec, box, point, number) for point, number in zip(queued, numbers, strict=False)]
    drawn = _drawn(spec, stage, box, told, numbers[len(first) :], [*running, *first])
    return [_written(spec, point) for point in (*first, *drawn)]


def _written(spec: StudySpec, point: Mapping[str, Any]) -> Point:
    return {name: spec.space[name].written(value) for name, value in point.items()}


def _completed(spec: StudySpec, box: Box, point: Mapping[str, Any], number: int) -> Point:
    """A queued point, with what it leaves out drawn at random in the box."""
    sampler = optuna.samplers.RandomSampler(derive(spec.seed, "queue", number))
    space = {name: parameter.distribution(box.get(name)) for name, parameter in spec.space.items()}
    drawn = optuna.create_study(sampler=sampler).ask(space).params
    return {name: point.get(name, drawn[name]) for name in spec.space}


def _drawn(
    spec: StudySpec, stage: str, box: Box, told: Sequence[FrozenTrial], numbers: Sequence[int], beside: Sequence[Point]
) -> list[Point]:
    """The sampler's own points; those `beside` them are about to be trained too."""
    kind = kind_of(spec.search)
    if kind.memory == "none":
        alone = _Scratch(spec, box, kind, ())
        return [_ask_freshly_seeded(alone, spec, number) for number in numbers]
    told = comparable(spec, stage, told)
    scratch = _Scratch(spec, box, kind, told)
    if kind.memory == "trials":
        scratch.show(told)
        scratch.show_running(beside)
        with one_thread(kind):
            return [_ask_freshly_seeded(scratch, spec, number) for number in numbers]
    scratch.study.sampler = make_sampler(spec.search, derive(spec.seed, f"sampler of stage {stage}"))
    _replay(scratch, stage, told)
    return [scratch.ask().params for _ in numbers]


def _ask_freshly_seeded(scratch: "_Scratch", spec: StudySpec, number: int) -> Point:
    scratch.study.sampler = make_sampler(spec.search, derive(spec.seed, "sampler", number))
    return scratch.ask().params


class _Scratch:
    """A study in memory, whose space is the stage's box."""

    def __init__(self, spec: StudySpec, box: Box, kind: SamplerKind, told: Sequence[FrozenTrial]) -> None:
        self._spec = spec
        self._box = box
        self._kind = kind
        self._worst = _worst(told, spec.search.directions)
        self._space: dict[str, BaseDistribution] = {
            name: parameter.distribution(box.get(name)) for name, parameter in spec.space.items()
        }
        self.study = optuna.create_study(directions=spec.search.directions, sampler=optuna.samplers.RandomSampler(0))

    def ask(self) -> optuna.Trial:
        """One question; the sampler sees those asked before it as running."""
        return self.study.ask(self._space)

    def show(self, told: Iterable[FrozenTrial]) -> None:
        """Add told trials, as the sampler learns most from them."""
        for trial in told:
            shown = self._shown(trial)
            if shown is not None:
                self.study.add_trial(shown)

    def show_running(self, points: Iterable[Point]) -> None:
        """Add points that are being trained, as far as they lie in the box."""
        for point in points:
            if inside(self._spec.space, self._box, point):
                running = optuna.create_trial(state=TrialState.RUNNING, params=point, distributions=self._space)
                self.study.add_trial(running)

    def answer(self, question: optuna.Trial, trial: FrozenTrial) -> None:
        """Tell what became of a question that was asked before."""
        shown = self._shown(trial)
        if shown is None or _written(self._spec, question.params) != _written(self._spec, trial.params):
            self.study.tell(question, state=TrialState.FAIL)
            self.show([trial])  # A point that someone else has put in.
            return
        for step, value in shown.intermediate_values.items():
            question.report(value, step)
        for name, violation in shown.constraints.items():
            question.set_constraint(name, violation)
        self.study.tell(question, shown.values if shown.state == TrialState.COMPLETE else None, shown.state)

    def _shown(self, trial: FrozenTrial) -> FrozenTrial | None:
        if outcome_of(trial) == "error" or not inside(self._spec.space, self._box, trial.params):
            return None
        diverged = outcome_of(trial) == "diverged" or at_chance_of(trial) is not None
        complete = trial.state == TrialState.COMPLETE or (diverged and not self._kind.learns_from_pruned)
        return optuna.create_trial(
            state=TrialState.COMPLETE if complete else TrialState.PRUNED,
            values=self._worst if diverged and complete else trial.values if complete else None,
            params=trial.params,
            distributions=self._space,
            # Optuna's trials report to a pruner, and that takes one objective.
            intermediate_values=trial.intermediate_values if len(self._spec.search.directions) == 1 else {},
            constraints={CONSTRAINT: float(diverged)} if self._kind.learns_from_constraints else None,
        )


def _replay(scratch: _Scratch, stage: str, told: Sequence[FrozenTrial]) -> None:
    """Ask and answer all questions of the stage so far once more, for samplers with a state of their own."""
    scratch.show(trial for trial in told if stage_of(trial) != stage)
    for _, cohort in groupby((trial for trial in told if stage_of(trial) == stage), key=cohort_of):
        trials = list(cohort)
        questions = [(scratch.ask(), trial) for trial in trials if not enqueued(trial)]
        for question, trial in questions:
            scratch.answer(question, trial)
        scratch.show(trial for trial in trials if enqueued(trial))


def _worst(trials: Sequence[FrozenTrial], directions: Sequence[str]) -> list[float]:
    """The worst that was reached of each objective; stands for the values that a diverged trial would have had."""
    values = [trial.values for trial in trials if trial.values and outcome_of(trial) != "diverged"]
    return [
        min(reached, default=0.0) if direction == "maximize" else max(reached, default=0.0)
        for direction, reached in zip(
            directions, ([each[place] for each in values] for place in range(len(directions))), strict=True
        )
    ]
