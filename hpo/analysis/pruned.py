"""What a pruner leaves to be judged: it ends trials by their values, so that those that went on are no fair sample of all.

A parameter that speeds up early learning and has no bearing on the final value looks as if it had: its slow trials are gone
unless luck kept them. Nothing that the others reported says what those would have come to.
"""

from collections.abc import Collection
from dataclasses import replace

import numpy as np

from .metrics import FACTS, available, replicates
from .table import Table, Truths


def without_value(table: Table, metric: str) -> Truths:
    """Pruned trials that ended before they had this metric: the final one, `@epoch`, or the `seconds` of a whole training."""
    name, _, at = metric.partition("@")
    pruned = np.asarray(table.outcomes == "pruned")
    if name == "diverged" or name not in available(table) or not pruned.any():
        return np.zeros(len(table), dtype=np.bool_)
    return pruned if name in FACTS or not at else np.asarray(pruned & np.isnan(replicates(table, metric)).all(axis=1))


def untouched(table: Table, metrics: Collection[str]) -> Truths:
    """Trials that have these metrics or not for reasons other than their values.

    All of a stage in which no trial was pruned before it had them; of other stages those that nothing could prune.
    """
    ended = np.zeros(len(table), dtype=np.bool_)
    for metric in metrics:
        ended |= without_value(table, metric)
    return np.asarray(~np.isin(table.stages, table.stages[ended]) | table.spared)


def last_common(table: Table) -> float | None:
    """The last epoch (or step) that no trial had been pruned before; None where none was, or nobody knows."""
    ends = [_end(table, int(row)) for row in np.flatnonzero(table.outcomes == "pruned")]
    return min(ends) if ends and min(ends) > 0 else None


def until_pruning(table: Table) -> Table:
    """The table in which a trial has diverged if it had so when the first of its stage was pruned; later it counts as pruned.

    From there on only those that were kept could diverge, whatever the pruned ones would have done.
    """
    outcomes = table.outcomes.copy()
    for stage in np.unique(table.stages[table.outcomes == "pruned"]):
        here = table.stages == stage
        place = last_common(table.take(here))
        for row in np.flatnonzero(here & table.diverged):
            if place is None or _outlasted(table, int(row), place):
                outcomes[row] = "pruned"
    return table if (outcomes == table.outcomes).all() else replace(table, outcomes=outcomes)


def as_far_as_all(table: Table) -> Table:
    """The study as it stood before the first trial was pruned: what all had reached by then is its only objective.

    The table itself where none was pruned, or where nobody knows when.
    """
    place = last_common(table)
    metric = f"{table.metric}@{place:.15g}" if place is not None else ""
    if not np.isfinite(replicates(table, metric) if metric else np.nan).any():
        return table
    early = until_pruning(table)
    outcomes = np.where(early.outcomes == "pruned", "completed", early.outcomes)
    reached = replicates(table, metric)
    known = np.isfinite(reached)
    with np.errstate(invalid="ignore"):
        values = np.where(known, reached, 0.0).sum(axis=1) / known.sum(axis=1)
    values = np.where(outcomes == "completed", values, np.nan)[:, None]
    return replace(early, metrics=(metric,), maximise=table.maximise[:1], outcomes=outcomes, values=values, fresh=())


def _end(table: Table, row: int) -> float:
    """How far the first of a trial's networks came; 0 where nothing was reported."""
    return min((float(curve.at[-1]) if curve.at.size else 0.0 for curve in table.curves(row)), default=0.0)


def _outlasted(table: Table, row: int, place: float) -> bool:
    """Whether every network of a diverged trial was still well at a place."""
    curves = table.curves(row)
    return bool(curves) and all(
        (known := curve.at <= place).any()
        and curve.at[known][-1] == place
        and all(np.isfinite(values[known][-1]) for values in curve.metrics.values())
        for curve in curves
    )
