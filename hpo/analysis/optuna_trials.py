"""The way back: a table as the Optuna study that Optuna's own analyses read."""

from collections.abc import Container, Iterable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from .table import Column, Integers, Table

if TYPE_CHECKING:
    from optuna import Study
    from optuna.distributions import BaseDistribution
    from optuna.storages import BaseStorage
    from optuna.trial import FrozenTrial, TrialState


def as_study(table: Table, rows: Integers | None = None, objective: int = 0) -> "Study":
    """The completed trials as an Optuna study of one objective, in memory; a row that comes twice stands for two trials.

    A copy through `Study.add_trials` would take longer than the analysis.
    """
    from optuna import Study

    sample = trials(table, np.flatnonzero(table.completed) if rows is None else rows, objective)

    class Sample(Study):
        """A study whose trials are these."""

        def get_trials(self, deepcopy: bool = True, states: "Container[TrialState] | None" = None) -> "list[FrozenTrial]":
            return [trial for trial in sample if states is None or trial.state in states]

    return Sample("sample", _storage(table.maximise[objective]))


@lru_cache(maxsize=2)
def _storage(maximise: bool) -> "BaseStorage":
    """With one study and no trials, that nobody writes to; a new one for each sample would fill a user's log."""
    from optuna.storages import InMemoryStorage
    from optuna.study import StudyDirection

    storage = InMemoryStorage()
    storage.create_new_study([StudyDirection.MAXIMIZE if maximise else StudyDirection.MINIMIZE], "sample")
    return storage


def trials(table: Table, rows: Iterable[int], objective: int = 0) -> "list[FrozenTrial]":
    """Completed trials of a table as Optuna's, numbered from 0."""
    from optuna.trial import FrozenTrial, TrialState

    distributions = {column.name: distribution(column) for column in table.parameters}
    present = {column.name: ~np.isnan(column.values) for column in table.parameters}
    values = {column.name: _values(column) for column in table.parameters}
    found = []
    for number, row in enumerate(rows):
        names = [name for name, there in present.items() if there[row]]
        found.append(
            FrozenTrial(
                number, TrialState.COMPLETE, float(table.values[row, objective]), None, None,
                {name: values[name][row] for name in names}, {name: distributions[name] for name in names}, {}, {}, {}, number,
            )
        )  # fmt: skip
    return found


def distribution(column: Column) -> "BaseDistribution":
    """Optuna's distribution of a column."""
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    if column.choices is not None:
        # By their places: Optuna 5.0's evaluators look choices up by hash and by equality, and lists have none, True equals 1.
        return CategoricalDistribution(range(len(column.choices)))
    if column.integer:
        return IntDistribution(int(column.low), int(column.high), log=column.log, step=int(column.step or 1))
    return FloatDistribution(column.low, column.high, log=column.log, step=column.step)


def _values(column: Column) -> list[Any]:
    """By row the value as Optuna has it; anything where the trial does not have the parameter."""
    numbers = np.nan_to_num(column.values)
    whole = column.integer or column.choices is not None
    return [int(number) for number in numbers] if whole else list(map(float, numbers))
