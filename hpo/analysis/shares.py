"""How much of the variation of the objective each parameter makes, alone and together with another one."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import combinations
from typing import NamedTuple

import numpy as np

from ..seeds import derive
from .posterior import Posterior, Query, posterior
from .settings import drawn, valued
from .table import Column, Floats, Table, Unanswered

SETTINGS = 128
"""Of the whole space, over which the objective varies."""
PAIRED = 4
"""Parameters whose pairs are looked at, the largest."""
ALONG, ACROSS = 16, 6
"""Cells along a parameter, and along each of two."""
LITTLE = 0.25
"""Standard deviation along a parameter that does not count as making a difference, in those of one network."""
FUNCTIONS = 16
"""Of each draw of the model."""


class Portion(NamedTuple):
    """A share of the variance over the whole space, in [0, 1], with its 95 % interval."""

    names: tuple[str, ...]
    """One parameter, or two: then what they make together beyond what each makes alone."""
    value: float
    low: float
    high: float


class Shares(NamedTuple):
    """Shares of variance by the model of the study (hpo.analysis.posterior), the largest first. They need not add up to 1."""

    mains: tuple[Portion, ...]
    """By parameter, over all values of the others (Sobol, Global sensitivity indices, 2001)."""
    pairs: tuple[Portion, ...]
    """Of the parameters that make the most alone."""
    first: float
    """Probability that the first parameter makes more than any other, and more than a little of what one seed does."""
    spread: float
    """Standard deviation of the objective's mean over the whole space, in its units."""
    trials: int
    """Completed trials of the search that were used."""
    pruned: int
    """Pruned trials that were used besides, by what they would have come to."""
    evidence: int
    """Trials after the search that were used, too."""


@lru_cache(maxsize=16)
def shares(table: Table, objective: int = 0) -> Shares | Unanswered:
    """Of each function that the trials leave possible the variance of its average along a parameter, over that of all of it."""
    found = posterior(table, objective)
    if isinstance(found, Unanswered):
        return found
    generator = np.random.default_rng(derive(table.seed, "shares"))
    everywhere, names = drawn(found, SETTINGS, generator), list(found.columns)
    lines: list[Query] = [{name: _cells(column, ALONG)} for name, column in found.columns.items()]
    whole, *along = (one.var(axis=1) for one in found.jointly([everywhere, *lines], FUNCTIONS))
    mains = np.array(along) / whole if len(names) > 1 else np.ones((1, len(whole)))  # All of it, whatever is known.
    order = np.argsort(-mains.mean(axis=1), kind="stable")
    pairs = _pairs(found, everywhere, [names[place] for place in sorted(order[:PAIRED])])
    after = int((table.evidence[found.rows] != "").sum())
    return Shares(
        mains=tuple(_portion((names[place],), mains[place]) for place in order),
        pairs=tuple(sorted(pairs, key=lambda one: -one.value)),
        first=_first(found, mains, along, int(order[0])), spread=float(np.sqrt(whole).mean()),
        trials=found.completed - after, pruned=found.pruned, evidence=after,
    )  # fmt: skip


def _first(found: Posterior, mains: Floats, along: Sequence[Floats], place: int) -> float:
    """In how many functions a parameter makes the most, and more than a little."""
    most, enough = mains.argmax(axis=0) == place, np.sqrt(along[place]) > LITTLE * float(np.median(found.noise))
    return float((most & enough).mean())


def _pairs(found: Posterior, everywhere: Query, names: Sequence[str]) -> list[Portion]:
    portions = []
    for first, second in combinations(names, 2):
        one, other = (_cells(found.columns[name], ACROSS) for name in (first, second))
        both = {first: np.repeat(one, len(other)), second: np.tile(other, len(one))}
        whole, functions = found.jointly([everywhere, both], FUNCTIONS)
        surface = functions.reshape(len(functions), len(one), len(other))
        left = surface - surface.mean(axis=1, keepdims=True) - surface.mean(axis=2, keepdims=True)
        portions.append(_portion((first, second), left.reshape(len(left), -1).var(axis=1) / whole.var(axis=1)))
    return portions


def _cells(column: Column, count: int) -> Floats:
    """The middles of equally likely parts of a range; all choices."""
    many = count if column.numeric else len(column.choices or ())
    return valued(column, (np.arange(many) + 0.5) / many)


def _portion(names: tuple[str, ...], values: Floats) -> Portion:
    inside = np.minimum(values, 1.0)
    low, high = np.quantile(inside, [0.025, 0.975])
    return Portion(names, float(inside.mean()), float(low), float(high))


def by_name(found: Shares) -> Mapping[str, Portion]:
    """The main shares by parameter."""
    return {one.names[0]: one for one in found.mains}
