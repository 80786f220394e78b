"""Trials to which something happened or did not: divergence by default, or any condition, such as a low accuracy."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from ..analysis.table import Column, Table, Truths
from .conditions import Conditions, matching, worded
from .finding import Undecidable
from .runs import means


def divergence() -> Conditions:
    """The event that is meant when none is named."""
    return {"outcome": "diverged"}


def befell(event: Mapping[str, Any]) -> str:
    """What the trials with the event did, as a verb."""
    return "diverged" if dict(event) == divergence() else f"had {worded(event)}"


def events(table: Table, where: Mapping[str, Any], event: Mapping[str, Any]) -> tuple[Truths, Truths]:
    """The trials of which one can say whether the event came about, and those for which it did.

    A pruned trial has not diverged, but what it would have reached nobody knows. A diverged one is as bad as can be.
    """
    rows = matching(table, where) & table.settled
    for name in event:
        if name not in table.columns and name not in ("outcome", "stage", "rank"):
            rows = rows & ~np.isnan(means(table, name))
    return rows, matching(table, event)


def of_stages(table: Table, rows: Truths) -> tuple[str, ...]:
    """What to know of a count over several stages."""
    stages = len(np.unique(table.stages[rows]))
    return (f"trials of {stages} stages counted together, although their boxes and budgets differ",) if stages > 1 else ()


def quantity(table: Table, name: str) -> Column:
    """A numeric column. Raises Undecidable when the study has none of that name."""
    column = table.columns.get(name)
    if column is None or not column.numeric:
        raise Undecidable(f"the study has no numeric parameter or derived quantity '{name}'")
    return column
