"""The trial that is best as far as is known: that of the search, or the winner of a race on fresh seeds."""

from typing import NamedTuple

import numpy as np

from ..analysis.table import Table, Truths
from ..race import Raced
from ..spec import StudySpec


class Leader(NamedTuple):
    """The best trial by the first objective."""

    row: int
    """Of the table."""
    among: int
    """Completed trials that had its budget."""
    of_all: bool
    """Whether these are all completed trials."""
    raced: Raced | None
    """The last race, where the search's best took part in it."""
    missed: Raced | None
    """The last race, where the search has a new best since."""


def leader(table: Table, spec: StudySpec | None = None, raced: Raced | None = None) -> Leader | None:
    """None when no trial that keeps the constraints has completed. Those of the last stage's budget alone are compared."""
    rows = _comparable(table, spec)
    if not (rows & table.feasible).any():
        return None
    searched = int(np.argmax(np.where(rows, table.score(), -np.inf)))
    among, of_all = int(rows.sum()), bool(rows.sum() == table.completed.sum())
    if raced is None or raced.searched(int(table.numbers[searched])) is None:
        return Leader(searched, among, of_all, None, raced)
    row = searched if raced.best is None else int(np.flatnonzero(table.numbers == raced.best.trial)[0])
    return Leader(row, among, of_all, raced, None)


def _comparable(table: Table, spec: StudySpec | None) -> Truths:
    """Completed trials with the budget of the last stage that has any; see search.comparable."""
    if spec is None or not table.completed.any():
        return table.completed
    present = [stage.name for stage in spec.stage if (table.completed & (table.stages == stage.name)).any()]
    if not present:
        return table.completed
    alike = [stage.name for stage in spec.stage if spec.budget(stage.name) == spec.budget(present[-1])]
    return np.asarray(table.completed & np.isin(table.stages, alike))
