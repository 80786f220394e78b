"""How the objective runs with one parameter, over all values that the others may have."""

from typing import NamedTuple

import numpy as np

from .coordinates import grid
from .metrics import within
from .posterior import posterior
from .table import Floats, Table, Unanswered


class MainEffect(NamedTuple):
    """The mean objective along one parameter, by the model of the study (hpo.analysis.posterior)."""

    parameter: str
    at: Floats
    """Values from end to end of its range, in its own units; codes of choices."""
    labels: tuple[str, ...]
    """What choices are called; empty for numbers."""
    mean: Floats
    """Of the objective, in its own units."""
    low: Floats
    """Ends of the 95 % band of that mean."""
    high: Floats
    trials: int
    """Completed trials that were used."""
    pruned: int
    """Pruned trials that were used besides, by what they would have come to."""


def main_effect(table: Table, parameter: str, objective: int = 0) -> MainEffect | Unanswered:
    """The model's mean along a parameter, averaged evenly over the rest of the space. Along a derived quantity, of that alone."""
    column = table.columns[parameter]
    found = posterior(table, objective, (parameter,) if column.derived else ())
    if isinstance(found, Unanswered):
        return found
    if parameter not in found.columns:
        return Unanswered(f"{parameter} has one value in all trials that were used")
    at = grid(column)
    curves = within(table, objective, found.sample({parameter: at}))
    low, high = np.quantile(curves, [0.025, 0.975], axis=0)
    return MainEffect(parameter, at, column.names, curves.mean(axis=0), low, high, found.completed, found.pruned)
