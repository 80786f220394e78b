"""Parameters as coordinates of a model: numbers on their own scale, choices as choices, and what some trials lack."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from .table import Column, Floats, Table

CELLS = 24
"""Places along a range, evenly spaced on the parameter's scale, that stand for all of it in an average."""


class Coordinate(NamedTuple):
    """One direction of the space. Numbers are apart by their difference, different choices by 1."""

    name: str
    """Of the parameter."""
    values: Floats
    """By trial: a share of the range, in [0, 1], or the code of a choice."""
    cells: Floats
    """Equally likely values that stand for the whole range."""
    apart: bool
    """Whether any two different values are equally far apart, as choices are."""
    presence: bool = False
    """Whether this says if a trial has the parameter: 1 or 0."""

    @property
    def lacking(self) -> float:
        """Where a trial lies that lacks the parameter."""
        return 0.0 if self.apart else 0.5

    def distances(self, first: Floats, second: Floats) -> Floats:
        """How far apart two lists of values are: (first, second)."""
        steps = np.abs(first[:, None] - second)
        return (steps > 0).astype(np.float64) if self.apart else steps


def coordinates(table: Table, columns: Sequence[Column]) -> tuple[Coordinate, ...]:
    """A coordinate for each column, and one more for each that some trials lack: those lie in the middle of its range."""
    return tuple(one for column in columns for one in _of(column))


def unit(column: Column, values: Floats) -> Floats:
    """Values of a column as a share of its range, on its own scale; codes of choices as they are."""
    if not column.numeric:
        return values
    start, end = column.scale(np.array([column.low, column.high]))
    return (column.scale(values) - start) / (end - start) if end > start else np.zeros_like(values)


def placed(column: Column, values: Floats) -> Floats:
    """The same, with the middle of the range, or the first choice, for values that are missing."""
    return np.asarray(np.where(np.isfinite(values), unit(column, values), 0.5 if column.numeric else 0.0))


def present(values: Floats) -> Floats:
    """1 where a trial has the parameter, 0 where it lacks it."""
    return np.isfinite(values).astype(np.float64)


def grid(column: Column, count: int = CELLS) -> Floats:
    """Values along a column's range, in its own units: all choices, each of a few whole numbers, else `count` from end to end."""
    if not column.numeric:
        return np.arange(len(column.choices or ()), dtype=np.float64)
    step = column.step or 1.0
    if (column.integer or column.step) and (column.high - column.low) / step < count:
        return np.asarray(np.arange(column.low, column.high + step / 2, step), dtype=np.float64)
    start, end = column.scale(np.array([column.low, column.high]))
    return column.unscale(np.linspace(start, end, count))


def _of(column: Column) -> list[Coordinate]:
    found = [Coordinate(column.name, placed(column, column.values), unit(column, grid(column)), not column.numeric)]
    there = present(column.values)
    if not there.all():
        found.append(Coordinate(column.name, there, np.array([0.0, 1.0]), apart=True, presence=True))
    return found
