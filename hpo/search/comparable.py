"""Which trials may be compared: values that were reached with different budgets say nothing of each other."""

from collections.abc import Iterable

from optuna.trial import FrozenTrial

from ..attributes import stage_of
from ..spec import StudySpec


def comparable(spec: StudySpec, stage: str, trials: Iterable[FrozenTrial]) -> list[FrozenTrial]:
    """The trials that were trained with the budget of this stage."""
    budget = spec.budget(stage)
    return [trial for trial in trials if spec.budget(stage_of(trial)) == budget]
