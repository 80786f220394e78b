"""Settings over a study's space, as a model is asked for them: drawn at random, close to others, or put together."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .patterns import Pattern
from .posterior import Posterior, Query
from .table import Column, Floats, Table

Settings = dict[str, Floats]
"""By parameter its values in its own units, equally many; NaN where a setting lacks the parameter."""


def drawn(found: Posterior, count: int, generator: np.random.Generator) -> Settings:
    """Settings of the whole space: numbers even on their own scale, choices equally likely, and what occurs together.

    A Latin hypercube: each parameter takes each part of its range once (McKay, Beckman and Conover, 1979).
    """
    shares = {name: (generator.permutation(count) + generator.random(count)) / count for name in found.columns}
    whole = {name: valued(column, shares[name]) for name, column in found.columns.items()}
    which = generator.integers(len(found.patterns), size=count)
    return {name: _patterned(found, name, values, which) for name, values in whole.items()}


def nearby(found: Posterior, about: Settings, reach: float, generator: np.random.Generator) -> Settings:
    """One for each setting: numbers moved by so much of their range, one choice in five drawn anew."""
    moved = {}
    for name, column in found.columns.items():
        values, free = about[name], not _decided(found, name)
        if column.numeric:
            start, end = column.scale(np.array([column.low, column.high]))
            step = reach * (end - start) * generator.standard_normal(len(values))
            moved[name] = on_grid(column, column.unscale(np.clip(column.scale(values) + step, start, end)))
        else:
            anew = valued(column, generator.random(len(values)))
            moved[name] = np.where((generator.random(len(values)) < 0.2) & free & np.isfinite(values), anew, values)
    return moved


def of_trials(found: Posterior, table: Table) -> Settings:
    """Those of the trials that the model rests on."""
    return {name: table.columns[name].values[found.model.seen.places] for name in found.columns}


def together(*parts: Settings) -> Settings:
    """All of them, in their order."""
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def chosen(settings: Query, places: Sequence[int] | NDArray[np.signedinteger[Any]]) -> Settings:
    """Some of them."""
    at = np.asarray(places, dtype=np.int64)
    return {name: values[at] for name, values in settings.items()}


def along(setting: Mapping[str, float], name: str, values: Floats) -> Settings:
    """One setting with other values of one parameter."""
    return {**{other: np.full(len(values), value) for other, value in setting.items()}, name: values}


def valued(column: Column, shares: Floats) -> Floats:
    """Shares of a column's range, on its own scale, as values that it can have."""
    if not column.numeric:
        count = len(column.choices or ())
        return np.minimum(np.floor(shares * count), count - 1.0)
    start, end = column.scale(np.array([column.low, column.high]))
    return on_grid(column, column.unscale(start + shares * (end - start)))


def on_grid(column: Column, values: Floats) -> Floats:
    """Values drawn in to what the parameter can be."""
    step = column.step or (1.0 if column.integer else None)
    rounded = values if step is None else column.low + step * np.round((values - column.low) / step)
    return np.clip(rounded, column.low, column.high)


def own(column: Column, value: float) -> Any:
    """A value of a setting as the parameter has it: one of its choices, a whole number, or a number."""
    if column.choices is not None:
        return column.choices[int(value)]
    return round(value) if column.integer else value


def _patterned(found: Posterior, name: str, values: Floats, which: np.ndarray) -> Floats:
    """With what the pattern of each setting has in place of a parameter, or without it."""
    held = np.array([_held(found, pattern, name) for pattern in found.patterns])[which]
    return np.where(np.isinf(held), values, held)


def _held(found: Posterior, pattern: Pattern, name: str) -> float:
    """The value that a parameter has throughout a pattern; NaN where it is lacking, infinity where it is free."""
    places = [(one.presence, pattern.get(place)) for place, one in enumerate(found.model.coordinates) if one.name == name]
    if (True, 0.0) in places:
        return np.nan
    value = next((value for presence, value in places if not presence), None)
    return np.inf if value is None else value


def _decided(found: Posterior, name: str) -> bool:
    """Whether a choice comes with some patterns alone."""
    return any(np.isfinite(_held(found, pattern, name)) for pattern in found.patterns)
