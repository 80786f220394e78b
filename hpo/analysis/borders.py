"""Whether the best lies at an end of what was searched, which asks for a wider range."""

from typing import Literal, NamedTuple

import numpy as np

from .coordinates import CELLS, grid
from .posterior import Posterior, posterior
from .table import Column, Floats, Table, Unanswered

NEAR = 0.1
"""Share of the range, on the parameter's own scale, that counts as its end."""
SURE = 0.05
"""Largest p at which the best is said to lie at an end."""
FUNCTIONS = 64
"""Of each draw of the model: 2,048 in all, so that a p of 0.05 over 20 ends is told from chance."""


class Border(NamedTuple):
    """Where along a parameter the best lies, within the range that was searched."""

    parameter: str
    value: float
    """Of the best trial."""
    low: float
    """Ends of the range: the widest of the boxes of the stages."""
    high: float
    position: float
    """Of the best trial: 0 at the lower end, 1 at the upper, on the parameter's own scale."""
    side: Literal["low", "high"] | None
    """The end that the best setting lies at, where p is at most 0.05."""
    p: float
    """Chance that it lies elsewhere, for the end where that is smaller, times the number of ends that were looked at."""


def borders(table: Table, objective: int = 0) -> tuple[Border, ...] | Unanswered:
    """For each numeric parameter whether the best setting lies at an end, the other parameters as in the best trial.

    By the model of the study (hpo.analysis.posterior): the share of the functions that it leaves possible best elsewhere.
    Corrected for all ends of all parameters (Bonferroni). Beyond an end where trials diverge nothing better is to be sought.
    """
    found = posterior(table, objective)
    if isinstance(found, Unanswered):
        return found
    best = int(np.nanargmax(np.where(table.evidence == "", table.score(objective), np.nan)))
    numeric = [one for one in table.parameters if one.name in found.columns and one.numeric and np.isfinite(one.values[best])]
    return tuple(_border(table, found, column, best, table.maximise[objective], 2 * len(numeric)) for column in numeric)


def _border(table: Table, found: Posterior, column: Column, best: int, maximise: bool, ends: int) -> Border:
    low, high = _searched(table, column)
    start, end, place = column.scale(np.array([low, high, column.values[best]]))
    position = float((place - start) / (end - start)) if end > start else 0.5
    at = grid(column)
    at = at[(at >= low) & (at <= high)] if column.integer or column.step else column.unscale(np.linspace(start, end, CELLS))
    chances = {"low": 1.0, "high": 1.0}
    if end > start:
        chances = _elsewhere(table, found, column, at, best, maximise)
    side = min(chances, key=lambda name: chances[name])
    p = min(1.0, ends * chances[side])
    return Border(column.name, float(column.values[best]), low, high, position, side if p <= SURE else None, p)  # type: ignore[arg-type]  # low or high


def _elsewhere(table: Table, found: Posterior, column: Column, at: Floats, best: int, maximise: bool) -> dict[str, float]:
    """By end the share of functions whose best place is not there; 1 where trials diverge beyond those that did not."""
    rest = {name: np.full(len(at), table.columns[name].values[best]) for name in found.columns}
    functions = found.sample({**rest, column.name: at}, FUNCTIONS)
    winners = (functions if maximise else -functions).argmax(axis=1)
    share = np.linspace(0.0, 1.0, len(at))
    discrete = column.integer or bool(column.step)
    near = 0.0 if discrete else NEAR
    lasting, gone = (
        column.values[mask & np.isfinite(column.values)] for mask in (table.settled & ~table.diverged, table.diverged)
    )
    blocked = {"low": gone.size and gone.min() < lasting.min(), "high": gone.size and gone.max() > lasting.max()}
    there = {"low": share[winners] <= near, "high": share[winners] >= 1 - near}
    return {side: 1.0 if blocked[side] else 1.0 - float(there[side].mean()) for side in there}


def _searched(table: Table, column: Column) -> tuple[float, float]:
    """The widest reach of the stages' boxes; the whole range where some stage has none."""
    boxes = [table.boxes.get(str(stage), {}).get(column.name, (column.low, column.high)) for stage in np.unique(table.stages)]
    return float(min(low for low, _ in boxes)), float(max(high for _, high in boxes))
