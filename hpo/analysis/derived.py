"""Quantities that a study file computes from parameters, such as an effective learning rate, as columns of the table."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from ..expressions import Expression
from ..spec.quantities import fixed, names, setters
from .table import Column, Floats, Table

if TYPE_CHECKING:
    from ..spec import StudySpec


def with_derived(table: Table, spec: "StudySpec", expressions: Mapping[str, str]) -> Table:
    """The table with a column for each expression, by its name.

    Raises InvalidSpec when an expression is wrong.
    """
    parts = spec.space, spec.model, spec.training
    parsed = {name: Expression.parse(text, names(*parts)) for name, text in expressions.items()}
    values: dict[str, Floats | float] = {name: _numbers(table, name) for name in spec.space}
    values |= {option: values[parameter] for option, parameter in setters(*parts).items()}
    values |= fixed(*parts)
    return table.with_columns([_column(name, expression.evaluate(values), len(table)) for name, expression in parsed.items()])


def _numbers(table: Table, name: str) -> Floats:
    """A parameter as numbers, with the choices' own values instead of their codes; NaN where they are none."""
    column = table.columns.get(name)
    if column is None:
        return np.full(len(table), np.nan)
    if column.choices is None:
        return column.values
    choices = [float(choice) if isinstance(choice, (int, float)) else np.nan for choice in column.choices]
    known = ~np.isnan(column.values)
    return np.where(known, np.array(choices)[np.where(known, column.values, 0).astype(int)], np.nan)


def _column(name: str, values: Floats, length: int) -> Column:
    values = np.where(np.isfinite(values), values, np.nan) * np.ones(length)
    present = values[~np.isnan(values)]
    low, high = (float(present.min()), float(present.max())) if present.size else (np.nan, np.nan)
    # Above zero and over more than a factor of ten, a quantity reads best on a logarithmic scale.
    return Column(name, values, low, high, log=bool(present.size) and low > 0 and high > 10 * low, derived=True)
