"""Tables of a report: stages, the best trials, candidates of a race, all trials."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from ..analysis.table import Integers, Table, Unanswered
from ..findings.wording import number
from ..race import Raced, Standing
from .explanation import Explanation
from .raced import limits
from .wording import exact, setting, told

SHOWN = 10
MOST_TRIALS = 1000
"""More trials than that are left to `hpo study trials`."""
OUTCOMES = ("completed", "pruned", "diverged", "error", "unfinished")


class Grid(NamedTuple):
    """Rows of cells, as text."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: tuple[int, ...] = ()
    """The trial of each row, where a row is a trial."""


def stages(explanation: Explanation) -> Grid | None:
    """What became of the trials of each stage, and the box that they were drawn from; None for a study without stages."""
    table = explanation.table
    names = [name for name in dict.fromkeys(map(str, table.stages)) if name]
    if not names:
        return None
    known = [outcome for outcome in OUTCOMES if (table.outcomes == outcome).any()]
    rows = [_stage(table, name, known) for name in names]
    return Grid(("stage", "trials", *known, "drawn from", f"best {table.metric.replace('_', ' ')}", "of trial"), tuple(rows))


def _stage(table: Table, name: str, known: Sequence[str]) -> tuple[str, ...]:
    mine = table.take(table.stages == name)
    box = ", ".join(f"{key} {number(low)} to {number(high)}" for key, (low, high) in table.boxes.get(name, {}).items())
    best = order(mine)[:1]
    value = [exact(table.metric, mine.values[row, 0]) for row in best] or ["none"]
    trial = [str(mine.numbers[row]) for row in best] or [""]
    counts = [str((mine.outcomes == outcome).sum()) for outcome in known]
    return (name, str(len(mine)), *counts, box or "the whole space", *value, *trial)


def order(table: Table) -> Integers:
    """Rows of the completed trials that keep the study's constraints, the best of the first objective first, then by number."""
    rows = np.flatnonzero(table.completed & table.feasible)
    return rows[np.lexsort((table.numbers[rows], -table.score()[rows]))]


def best_trials(explanation: Explanation) -> Grid:
    """The best completed trials; of several objectives those that no other beats in all of them."""
    table, front = explanation.table, explanation.analysis.front
    rows = (
        order(table)[:SHOWN] if isinstance(front, Unanswered) else np.flatnonzero(np.isin(table.numbers, front.numbers))[:SHOWN]
    )
    return _trials(table, rows)


def all_trials(explanation: Explanation) -> Grid | None:
    """Every trial, evidence among them and named so; None when there are too many."""
    table = explanation.whole
    return _trials(table, np.arange(len(table))) if 0 < len(table) <= MOST_TRIALS else None


def _trials(table: Table, rows: Integers) -> Grid:
    staged, after = any(table.stages), any(table.evidence)
    metrics = [metric.replace("_", " ") for metric in table.metrics]
    names = [column.name for column in table.parameters]
    cells = [_trial(table, int(row), names, staged, after) for row in rows]
    numbers = tuple(int(table.numbers[row]) for row in rows)
    columns = ("trial", *(["stage"] if staged else []), *(["evidence"] if after else []), "outcome", *metrics, *names)
    return Grid(columns, tuple(cells), numbers)


def _trial(table: Table, row: int, names: Sequence[str], staged: bool, after: bool) -> tuple[str, ...]:
    values = [
        exact(metric, value) if np.isfinite(value) else "" for metric, value in zip(table.metrics, table.values[row], strict=True)
    ]
    settings = told(table, row)
    stage = [str(table.stages[row])] if staged else []
    return (
        str(table.numbers[row]),
        *stage,
        *([str(table.evidence[row])] if after else []),
        str(table.outcomes[row]),
        *values,
        *(setting(settings.get(name, "")) for name in names),
    )


def candidates(table: Table, race: Raced) -> Grid:
    """The candidates of a race, the best first."""
    columns = ("trial", "fresh seeds", "in the search", "on fresh seeds", "to be expected", "95 % interval", "P(best)")
    return Grid(columns, tuple(_candidate(table, race, one) for one in race.standings))


def _candidate(table: Table, race: Raced, one: Standing) -> tuple[str, ...]:
    mean, expected = ("" if value is None else exact(table.metric, value) for value in (one.mean, one.expected))
    chance = {"worse": "out: worse", "diverged": "out: diverged", None: f"{one.best:.2f}"}[one.out]
    return (
        str(one.trial),
        str(one.seeds),
        exact(table.metric, race.searched(one.trial) or 0.0),
        mean,
        expected,
        limits(table, one) or "",
        chance,
    )
