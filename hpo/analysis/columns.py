"""One parameter over all trials of an Optuna study, whatever its distribution was from one trial to the next."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..space import value_as_written
from .choices import identity
from .table import Column, Floats

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution, FloatDistribution, IntDistribution
    from optuna.trial import FrozenTrial

    Numeric = FloatDistribution | IntDistribution


def columns_of(trials: Sequence["FrozenTrial"]) -> dict[str, Column]:
    """By name, in the order in which the trials bring them."""
    return {name: _column(name, seen, trials) for name, seen in _distributions(trials).items()}


def _distributions(trials: Sequence["FrozenTrial"]) -> "dict[str, list[BaseDistribution]]":
    """The different distributions of each parameter; a study may have as many as trials."""
    found: dict[str, dict[object, BaseDistribution]] = {}
    for trial in trials:
        for name, distribution in trial.distributions.items():
            found.setdefault(name, {}).setdefault(_key(distribution), distribution)
    return {name: list(seen.values()) for name, seen in found.items()}


def _key(distribution: "BaseDistribution") -> object:
    choices = getattr(distribution, "choices", None)
    if choices is not None:
        return tuple(map(identity, choices))
    return type(distribution), *vars(distribution).values()


def _column(name: str, seen: "Sequence[BaseDistribution]", trials: Sequence["FrozenTrial"]) -> Column:
    from optuna.distributions import CategoricalDistribution

    lists = [one for one in seen if isinstance(one, CategoricalDistribution)]
    ranges: list[Any] = [one for one in seen if not isinstance(one, CategoricalDistribution)]
    own = {row: trial.distributions.get(name) for row, trial in enumerate(trials) if name in trial.params}
    values = {row: value_as_written(trials[row].params[name], distribution) for row, distribution in own.items()}
    listed: list[Any] = [choice for one in lists for choice in one.choices]
    if not lists or (ranges and all(map(_number, listed))):
        return _numbers(name, ranges, listed, values, len(trials))
    return _choices(name, listed, values, len(trials))


def _number(choice: object) -> bool:
    return isinstance(choice, (int, float)) and not isinstance(choice, bool) and math.isfinite(choice)


def _choices(name: str, listed: Sequence[Any], values: Mapping[int, Any], length: int) -> Column:
    """By value: a list in another order, a longer one, or numbers in some of the trials change no choice's name."""
    known: dict[str, Any] = {}
    for choice in (*listed, *values.values()):
        known.setdefault(identity(choice), choice)
    places = {found: place for place, found in enumerate(known)}
    codes = _filled({row: places[identity(value)] for row, value in values.items()}, length)
    return Column(name, codes, 0.0, len(known) - 1.0, choices=tuple(known.values()))


def _numbers(name: str, ranges: "Sequence[Numeric]", beside: Sequence[float], values: Mapping[int, Any], length: int) -> Column:
    """The widest range that there ever was, with every value in it. beside: numbers that were choices in some trials."""
    from optuna.distributions import IntDistribution

    low, high = _ends([*(one.low for one in ranges), *(one.high for one in ranges), *beside, *values.values()])
    whole = all(isinstance(one, IntDistribution) for one in ranges) and all(float(number).is_integer() for number in beside)
    log = any(one.log for one in ranges) and low > 0
    step = None if log else _step([one.step for one in ranges], low, [*(one.low for one in ranges), *beside, *values.values()])
    return Column(name, _filled(values, length), low, high, log, whole, (step or 1) if whole and not log else step)


def _ends(numbers: Iterable[float]) -> tuple[float, float]:
    known = list(map(float, numbers))
    return min(known), max(known)


def _step(steps: Sequence[float | None], low: float, numbers: Sequence[float]) -> float | None:
    """The step that all ranges share, where every number lies on it."""
    step = steps[0]
    if step is None or any(one != step for one in steps):
        return None
    shares = (np.array(numbers, dtype=np.float64) - low) / step
    return step if np.allclose(shares, np.round(shares), rtol=0.0, atol=1e-6) else None


def _filled(values: Mapping[int, Any], length: int) -> Floats:
    filled = np.full(length, np.nan)
    for row, value in values.items():
        filled[row] = value
    return filled
