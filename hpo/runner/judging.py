"""Asking the pruner about the open trials of a cohort, in a scratch study in memory."""

from collections.abc import Mapping, Sequence

import optuna
from optuna.pruners import NopPruner
from optuna.storages import InMemoryStorage
from optuna.trial import FrozenTrial, TrialState

from ..search import make_pruner
from ..spec import StudySpec


class Judge:
    """A copy of the study for the pruner: reading the real one for every question would cost more than all else at a rung."""

    def __init__(self, spec: StudySpec, trials: Sequence[FrozenTrial], epochs: int, asynchronous: bool = False) -> None:
        self._pruner = make_pruner(spec.search, epochs, asynchronous)
        self._storage = InMemoryStorage()
        self._study = optuna.create_study(
            storage=self._storage, direction=spec.search.direction, sampler=optuna.samplers.RandomSampler(0), pruner=self._pruner
        )
        self._identifiers: dict[int, int] = {}
        for trial in trials:
            self.add(trial)

    def add(self, trial: FrozenTrial) -> None:
        """A trial more, if the study has a pruner and it is not here yet."""
        if not isinstance(self._pruner, NopPruner) and trial.number not in self._identifiers:
            study = self._storage.get_study_id_from_name(self._study.study_name)
            self._identifiers[trial.number] = self._storage.create_new_trial(study, trial)

    def report(self, number: int, values: Mapping[int, float]) -> None:
        """A trial's values by epoch."""
        if number in self._identifiers:
            for epoch, value in values.items():
                self._storage.set_trial_intermediate_value(self._identifiers[number], epoch, value)

    def gives_up(self, number: int) -> bool:
        """Whether the pruner ends a trial at the rung that it has reported last."""
        if number not in self._identifiers:
            return False
        return self._pruner.prune(self._study, self._storage.get_trial(self._identifiers[number]))

    def tell(self, number: int, state: TrialState, value: float | None) -> None:
        """How a trial has ended."""
        if number in self._identifiers:
            self._storage.set_trial_state_values(self._identifiers[number], state, None if value is None else [value])
