"""Which settings are worth more networks: those that may be the best, as far as the trials tell."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from ..seeds import derive
from .posterior import posterior
from .recommendation import best_looking, likeliest, searched
from .settings import Settings, chosen, together
from .table import Table, Unanswered


class Rivals(NamedTuple):
    """Settings that may be the best."""

    settings: tuple[Mapping[str, float], ...]
    """By parameter that a setting has; codes of choices."""
    row: int
    """Of the table: the search's best-looking trial."""


def rivals(table: Table, count: int) -> Rivals | Unanswered:
    """`count` settings, each the best of one of the functions that the model of the study leaves possible.

    Thompson (1933). Where the trials leave little doubt these lie together; where a setting far away may be better, it is among
    them. On planted studies (docs/answers.md) the recommendation gains more by them than by as many networks at the recommended
    setting.
    """
    if len(table.metrics) > 1:
        return Unanswered("with two objectives no single setting is the best one")
    found = posterior(table)
    if isinstance(found, Unanswered):
        return found
    generator = np.random.default_rng(derive(table.seed, "rivals", len(table)))
    settings, worth, _ = searched(found, table, generator)
    allowed = np.flatnonzero(np.isfinite(worth))
    best = chosen(settings, allowed[worth[allowed].argmax()][None])
    among = together(best, likeliest(found, chosen(settings, allowed), worth[allowed], generator))
    functions = found.sample(among, 1) * (1.0 if table.maximise[0] else -1.0)
    picked = generator.choice(functions.argmax(axis=1), count, replace=count > len(functions))
    return Rivals(tuple(_at(among, int(place)) for place in picked), best_looking(table, found))


def _at(settings: Settings, place: int) -> dict[str, float]:
    return {name: float(values[place]) for name, values in settings.items() if np.isfinite(values[place])}
