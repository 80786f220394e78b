"""Numbers and settings as the report writes them."""

from collections.abc import Mapping, Sequence
from typing import Any

from ..analysis.table import Column, Table
from ..findings.wording import level


def a(noun: str) -> str:
    """'a value', 'an accuracy'."""
    return f"{'an' if noun[:1].lower() in 'aeiou' else 'a'} {noun}"


EXACT = 4
"""Digits of the best value and of its settings: enough to repeat it to within its noise."""

WHOLE = 100
"""From here on a whole number is a count, such as a network's parameters."""


def exact(metric: str, value: float) -> str:
    """A value of a metric to 4 digits: '45.18 %'."""
    return f"{_digits(100 * value)} %" if level(metric, value).endswith("%") else _digits(value)


def _digits(value: float) -> str:
    if WHOLE <= value < 1e15 and value == int(value):
        return f"{value:,.0f}"
    if 1e4 <= abs(value) < 1e9:
        return f"{value:,.0f}"
    return f"{value:#.{EXACT}g}".removesuffix(".") if 1e-3 <= abs(value) < 1e4 else f"{value:.{EXACT}g}"


def setting(value: Any) -> str:
    """One value of a parameter as `told` gives it: numbers to 4 digits, anything else as its text."""
    if isinstance(value, bool) or not isinstance(value, float):
        return str(value)
    return f"{value:.{EXACT}g}"


MOST_SETTINGS = 6
"""More than that make a sentence unreadable."""


def settings(point: Mapping[str, Any]) -> str:
    """' (eta 0.0864, lambda 0.0001824)', with the space before it; empty without parameters."""
    told = [f"{name} {setting(value)}" for name, value in point.items()]
    more = len(told) - MOST_SETTINGS
    text = ", ".join(told[:MOST_SETTINGS]) + (f" and {more} more" if more > 0 else "")
    return f" ({text})" if text else ""


def point(table: Table, row: int) -> dict[str, Any]:
    """The parameters of a trial as it had them."""
    return {column.name: _value(column, row) for column in table.parameters if column.values[row] == column.values[row]}


def told(table: Table, row: int) -> dict[str, Any]:
    """The same for a reader: numbers as they are, choices as the texts that tell them apart."""
    by_name = {column.name: column for column in table.parameters}
    known = point(table, row)
    return {name: by_name[name].names[int(by_name[name].values[row])] if by_name[name].names else known[name] for name in known}


def _value(column: Column, row: int) -> Any:
    value = float(column.values[row])
    if column.choices is not None:
        return column.choices[int(value)]
    return int(value) if column.integer else value


def listed(names: Sequence[str]) -> str:
    """'a', 'a and b', 'a, b and c'."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}" if names else ""
