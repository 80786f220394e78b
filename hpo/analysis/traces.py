"""How a metric ran while the networks trained."""

from typing import Literal, NamedTuple

import numpy as np

from ..errors import UsageError, unknown
from .metrics import FACTS, available, better_when_higher
from .sampling import some
from .table import Floats, Integers, Outcome, Table, Unanswered

MOST_TRIALS = 300
"""More lines than that are a smear."""


class Trace(NamedTuple):
    """A metric of one network."""

    number: int
    row: int
    """Of the table."""
    outcome: Outcome
    at: Floats
    values: Floats
    """NaN where it was not finite."""


class Traces(NamedTuple):
    """A metric of many networks."""

    metric: str
    axis: Literal["epoch", "step"]
    higher: bool
    """Whether a rise of the metric is an improvement."""
    traces: tuple[Trace, ...]
    trials: int
    of: int
    """Ended trials that have reported the metric."""
    silent: int
    """Diverged trials that left before they reported anything."""


def traces(table: Table, metric: str, most: int = MOST_TRIALS) -> Traces | Unanswered:
    """The curves of a metric, of at most so many trials; drawn at random by outcome, so that each has its share.

    Raises UsageError when no trial has such a metric.
    """
    if metric not in available(table):
        raise UsageError(unknown("metric", metric, [name for name in available(table) if name not in FACTS]))
    ended = np.flatnonzero(table.outcomes != "unfinished")
    reported = np.array(
        [row for row in ended if any(metric in curve.metrics for curve in table.curves(int(row)))], dtype=np.int64
    )
    if not reported.size:
        return Unanswered(f"no trial has reported {metric} while it trained")
    rows = _chosen(table, reported, most)
    found = tuple(
        Trace(int(table.numbers[row]), int(row), table.outcomes[row], curve.at, curve.metrics[metric])
        for row in rows
        for curve in table.curves(int(row))
        if metric in curve.metrics
    )
    axis = table.curves(int(rows[0]))[0].axis
    silent = int(table.diverged.sum() - (table.outcomes[reported] == "diverged").sum())
    return Traces(metric, axis, better_when_higher(table, metric), found, len(rows), len(reported), silent)


def _chosen(table: Table, rows: Integers, most: int) -> Integers:
    """All rows, or the same number of each outcome as far as there are that many."""
    groups = [rows[table.outcomes[rows] == outcome] for outcome in np.unique(table.outcomes[rows])]
    left, chosen = most, []
    for place, group in enumerate(sorted(groups, key=len)):
        share = left // (len(groups) - place)
        chosen.append(some(group, share, table.seed, "traces"))
        left -= len(chosen[-1])
    return np.sort(np.concatenate(chosen))


def typical(found: Traces) -> tuple[Floats, Floats]:
    """The median of the networks that trained to their end, and where it is taken: (places,) each; empty where there are none."""
    whole = [trace for trace in found.traces if trace.outcome == "completed"]
    if not whole:
        return np.empty(0), np.empty(0)
    longest = max(whole, key=lambda trace: len(trace.at)).at
    kept = [trace.values for trace in whole if np.array_equal(trace.at, longest)]
    return longest, np.nanmedian(kept, axis=0)
