"""Whether the best trials press against an end of their box, which asks for a wider one."""

from typing import Literal, NamedTuple

import numpy as np

from .table import Column, Table, Unanswered

NEAR = 0.05
"""Share of the box's width, on the parameter's own scale, that counts as its border."""


class Border(NamedTuple):
    """Where the best trial lies in the box that it was drawn from."""

    parameter: str
    value: float
    low: float
    high: float
    position: float
    """0 at the lower end of the box, 1 at the upper, on the parameter's own scale."""
    side: Literal["low", "high"] | None
    """The border that it lies at, if any. A whole number lies at one only when it is the last of its range."""


def borders(table: Table, objective: int = 0) -> tuple[Border, ...] | Unanswered:
    """For each numeric parameter of the best trial, whether it lies at a border of the box of its stage."""
    if not table.completed.any():
        return Unanswered("no trial has completed")
    best = int(np.nanargmax(table.score(objective)))
    box = table.boxes.get(str(table.stages[best]), {})
    columns = [column for column in table.parameters if column.numeric and not np.isnan(column.values[best])]
    return tuple(_border(column, best, *box.get(column.name, (column.low, column.high))) for column in columns)


def _border(column: Column, best: int, low: float, high: float) -> Border:
    value = float(column.values[best])
    start, end, place = column.scale(np.array([low, high, value]))
    position = float((place - start) / (end - start)) if end > start else 0.5
    near = 1e-9 if column.integer else NEAR
    side: Literal["low", "high"] | None = None
    if end > start and min(position, 1 - position) <= near:
        side = "low" if position < 0.5 else "high"
    return Border(column.name, value, low, high, position, side)
