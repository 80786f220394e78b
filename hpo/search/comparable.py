"""Which trials may be compared: values that were reached with different budgets say nothing of each other."""

from collections.abc import Iterable

from optuna.trial import FrozenTrial

from ..attributes import stage_of
from ..spec import StudySpec


def comparable(spec: StudySpec, stage: str, trials: Iterable[FrozenTrial]) -> list[FrozenTrial]:
    """The trials that were trained with the budget of this stage."""
    alike = {name for name in (None, *(each.name for each in spec.stage)) if spec.budget(name) == spec.budget(stage)}
    return [trial for trial in trials if stage_of(trial) in alike]
