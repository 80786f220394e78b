"""How the objective runs with one parameter, over all values that the others had."""

from typing import NamedTuple

import numpy as np

from .table import Column, Floats, Integers, Table, Unanswered

MOST_LEVELS = 12
"""A parameter with no more distinct values is shown value by value."""
BINS = 10
PER_BIN = 5


class Level(NamedTuple):
    """Trials with one value of a parameter, or within a small part of its range."""

    low: float
    high: float
    """Lowest and highest value of the parameter in it; codes of the choice for a parameter with choices."""
    label: str
    mean: float
    """Of the objective, in its own units."""
    interval: tuple[float, float]
    """95 % of the mean, by Student's t; NaN for a single trial."""
    trials: int


class MainEffect(NamedTuple):
    """The mean objective along one parameter."""

    parameter: str
    levels: tuple[Level, ...]
    trials: int
    """Completed trials that have the parameter."""


def main_effect(table: Table, parameter: str, objective: int = 0) -> MainEffect | Unanswered:
    """Mean objective by value, or by bins that hold equally many trials. No model: what the trials say, others averaged over."""
    column = table.columns[parameter]
    rows = np.flatnonzero(table.completed & ~np.isnan(column.values))
    if rows.size < 2:
        return Unanswered(f"fewer than two completed trials have {parameter}")
    if column.take(rows).constant:
        return Unanswered(f"{parameter} has one value in all completed trials")
    values, objectives = column.values[rows], table.values[rows, objective]
    place, count = bins(values, column)
    levels = tuple(_level(column, values[place == level], objectives[place == level]) for level in range(count))
    return MainEffect(parameter, levels, int(rows.size))


def bins(values: Floats, column: Column, most: int = BINS, apart: int = MOST_LEVELS) -> tuple[Integers, int]:
    """For each value the level that it belongs to, and how many levels there are; up to `apart` distinct values stay apart."""
    distinct, place = np.unique(values, return_inverse=True)
    if len(distinct) <= apart or not column.numeric:
        return place.astype(np.int64), len(distinct)
    count = max(2, min(most, len(values) // PER_BIN))
    edges = np.unique(np.quantile(values, np.linspace(0, 1, count + 1)[1:-1]))
    kept, place = np.unique(np.searchsorted(edges, values, side="left"), return_inverse=True)
    return place.astype(np.int64), len(kept)


def _level(column: Column, values: Floats, objectives: Floats) -> Level:
    low, high = float(values.min()), float(values.max())
    return Level(low, high, label(column, low, high), float(objectives.mean()), _interval(objectives), len(values))


def label(column: Column, low: float, high: float) -> str:
    """What a level is called: a choice, a value or a range."""
    if column.choices is not None:
        return column.names[int(low)]
    return f"{low:.3g}" if low == high else f"{low:.3g} to {high:.3g}"


def _interval(objectives: Floats) -> tuple[float, float]:
    from scipy.special import stdtrit

    n = len(objectives)
    if n < 2:
        return np.nan, np.nan
    reach = float(stdtrit(n - 1, 0.975) * objectives.std(ddof=1) / np.sqrt(n))
    return float(objectives.mean()) - reach, float(objectives.mean()) + reach
