"""Evidence for the answer of a made-up study: as a run trains it after its search, where a network is a draw."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from ..analysis.recommendation import recommendation
from ..analysis.rivals import rivals
from ..analysis.settings import Settings
from ..analysis.table import Curve, Floats, Table, Unanswered

ROUNDS = 2

Measure = Callable[[Settings], Floats]
"""The values of one network at each setting."""


def after_search(table: Table, measure: Measure, networks: int) -> Table:
    """The study with so many networks more, in two rounds, at settings that may be the best."""
    for left in range(ROUNDS, 0, -1):
        count = networks // left
        networks -= count
        found = rivals(table, count) if count else Unanswered("no network is left")
        if isinstance(found, Unanswered):
            return table
        settings = {name: np.array([one.get(name, np.nan) for one in found.settings]) for name in table.columns}
        table = _with(table, settings, measure(settings))
    return table


def setting(table: Table) -> Settings | None:
    """The recommended setting of a study, as settings of one; None where there is none."""
    found = recommendation(table)
    if isinstance(found, Unanswered):
        return None
    return {name: np.array([found.settings.get(name, np.nan)]) for name in table.columns}


def _with(table: Table, settings: Settings, values: Floats) -> Table:
    """The table with completed trials of evidence behind its own."""
    count, before, of = len(values), len(table), table.curves_of

    def curves(row: int) -> tuple[Curve, ...]:
        return of(row) if row < before else ()

    return replace(
        table,
        numbers=np.arange(before + count),
        outcomes=np.append(table.outcomes.astype("U10"), ["completed"] * count),
        values=np.vstack([table.values, values[:, None]]),
        columns={name: replace(one, values=np.append(one.values, settings[name])) for name, one in table.columns.items()},
        stages=np.append(table.stages, [table.stages[-1]] * count),
        cohorts=np.append(table.cohorts, [-1] * count),
        seconds=np.append(table.seconds, np.ones(count)),
        curves_of=curves,
        origin=np.arange(before + count),
        last=np.append(table.last, np.full(count, np.nan)),
        spared=np.append(table.spared, np.ones(count, dtype=np.bool_)),
        evidence=np.append(table.evidence.astype("U10"), ["answer"] * count),
        first_network=np.append(table.first_network, np.ones(count, dtype=np.int64)),
        feasible=np.append(table.feasible, np.ones(count, dtype=np.bool_)),
    )
