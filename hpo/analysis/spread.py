"""How the drawn values of a parameter fall over its range, and how they would fall if they were drawn at random."""

from typing import NamedTuple

import numpy as np

from .table import Column, Floats, Integers, Table, Unanswered

BINS = 20
ANYWHERE = (-np.inf, np.inf)
MOST_VALUES = 150
"""A parameter with no more values than that is counted value by value."""


class Spread(NamedTuple):
    """Trials by value of one parameter."""

    column: Column
    edges: Floats
    """(bins + 1,) in the parameter's own units; around the whole numbers where each has a bin of its own; codes of choices."""
    counts: Integers
    """(bins,)"""
    expected: Floats
    """(bins,) trials, if each had been drawn at random from the box of its stage."""
    single: bool
    """Whether every bin is one value."""
    trials: int


def spread(table: Table, parameter: str, *, coarse: bool = False) -> Spread | Unanswered:
    """Counts value by value where there are few values and `coarse` is not asked for, else in bins.

    Bins are equally wide on the parameter's own scale, as far as its values allow: an edge never divides one.
    """
    column = table.columns[parameter]
    if column.derived:
        return Unanswered(f"{parameter} is not drawn but derived")
    if table.sampler == "grid":
        return Unanswered(f"{parameter} is not drawn but set, at the points of a grid")
    drawn = table.take(~np.isnan(column.values))
    if not len(drawn):
        return Unanswered(f"no trial has {parameter}")
    column = drawn.columns[parameter]
    single = column.choices is not None or (_discrete(column) and _steps(column) <= MOST_VALUES and not coarse)
    edges = _around(column) if single else _bins(column)
    counts = np.histogram(column.values, edges)[0]
    return Spread(column, edges, counts.astype(np.int64), _expected(drawn, column, edges), single, len(drawn))


def _steps(column: Column) -> int:
    return round((column.high - column.low) / (column.step or 1.0)) + 1


def _around(column: Column) -> Floats:
    """Half a step to either side of every value."""
    step = column.step or 1.0
    return np.asarray(column.low + step * (np.arange(_steps(column) + 1) - 0.5), dtype=np.float64)


def _bins(column: Column) -> Floats:
    start, end = map(float, column.scale(np.array(_ends(column, ANYWHERE))))
    edges = column.unscale(np.linspace(start, end, BINS + 1))
    if not _discrete(column):
        return edges
    step = column.step or 1.0
    return np.unique(column.low + step * (np.round((edges - column.low) / step + 0.5) - 0.5))


def _discrete(column: Column) -> bool:
    return column.integer or column.step is not None


def _ends(column: Column, box: tuple[float, float]) -> tuple[float, float]:
    """The interval that is drawn from: half a step wider than a range whose values are rounded, as in Optuna."""
    half = (column.step or 1.0) / 2 if _discrete(column) else 0.0
    return max(column.low, box[0]) - half, min(column.high, box[1]) + half


def _expected(drawn: Table, column: Column, edges: Floats) -> Floats:
    """Sum over the stages of what a uniform draw from the stage's box, on the parameter's scale, puts into each bin."""
    total = np.zeros(len(edges) - 1)
    stages, sizes = np.unique(drawn.stages, return_counts=True)
    for stage, size in zip(stages, sizes, strict=True):
        box = drawn.boxes.get(str(stage), {}).get(column.name, ANYWHERE)
        if column.choices is not None:
            total += size / len(total)
            continue
        low, high = column.scale(np.array(_ends(column, box)))
        share = np.clip((column.scale(edges) - low) / (high - low), 0.0, 1.0)
        total += size * np.diff(share)
    return total
