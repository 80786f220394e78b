"""Rules that end a run before its trials are spent. They act between cohorts, and on nothing but the trials told."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from optuna.trial import FrozenTrial, TrialState

from ..attributes import stage_of, value_of
from ..errors import UsageError
from ..search import comparable
from ..spec import StudySpec

Rule = Literal["until", "no-better"]


@dataclass(frozen=True, slots=True)
class StopRules:
    """When a run has found enough; without rules never."""

    until: float | None = None
    """Value of the metric that a completed trial is to reach."""
    no_better: int | None = None
    """Trials in a row, of one budget, without a better best one."""

    def broken(self, spec: StudySpec, trials: Sequence[FrozenTrial]) -> Rule | None:
        """The rule that says to stop after these trials; None: go on."""
        if self.until is not None and any(_reaches(spec, trial, self.until) for trial in trials):
            return "until"
        if self.no_better is not None and since_best(spec, trials) >= self.no_better:
            return "no-better"
        return None

    def check(self, spec: StudySpec, trials: Sequence[FrozenTrial], more: int | None) -> None:
        """Raise UsageError, with all faults, for rules that can never act in a run that asks for `more` trials."""
        if self == NEVER:
            return
        if spec.search.against is not None:
            raise UsageError(
                f"a stop rule looks at one objective, got a study of {' against '.join(spec.search.metrics)}: use --trials"
            )
        faults = [*self._until_faults(spec), *self._no_better_faults(since_best(spec, trials), more)]
        if faults:
            raise UsageError("\n".join(faults))

    def _until_faults(self, spec: StudySpec) -> Iterator[str]:
        if self.until is None:
            return
        metric = spec.search.metric
        if spec.search.direction == "maximize" and not 0 < self.until <= 1:
            near = f": for {self.until:g} % write {self.until / 100:g}" if 1 < self.until <= 100 else ""
            yield f"--until must be a {metric} that can be reached, above 0 and at most 1, got {self.until:g}{near}"
        if spec.search.direction == "minimize" and not 0 < self.until < math.inf:
            yield f"--until must be a {metric} that can be reached, above 0, got {self.until:g}"

    def _no_better_faults(self, since: int, more: int | None) -> Iterator[str]:
        if self.no_better is None:
            return
        if self.no_better < 1:
            yield f"--until-no-better must be at least 1, got {self.no_better}"
        elif more is not None and since + more < self.no_better:
            there = f", and there are {since} since the best one" if since else ""
            rule = f"--until-no-better {self.no_better} can never act"
            yield f"{rule}: --trials {more} ends the run before{there}; leave one of them out"


NEVER = StopRules()


def since_best(spec: StudySpec, trials: Sequence[FrozenTrial]) -> int:
    """Trials told since the best completed one, all of the budget of the last one told; all of them where none completed."""
    told = [trial for trial in trials if trial.state.is_finished()]
    if not told:
        return 0
    told = comparable(spec, str(stage_of(told[-1])), told)
    sign = -1 if spec.search.direction == "maximize" else 1
    complete = [
        (sign * value, trial.number)
        for trial in told
        if trial.state == TrialState.COMPLETE and (value := value_of(trial)) is not None
    ]
    best = min(complete, default=(0, -1))[1]
    return sum(trial.number > best for trial in told)


def _reaches(spec: StudySpec, trial: FrozenTrial, until: float) -> bool:
    value = value_of(trial)
    if trial.state != TrialState.COMPLETE or value is None:
        return False
    return value >= until if spec.search.direction == "maximize" else value <= until
