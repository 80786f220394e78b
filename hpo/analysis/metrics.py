"""Any metric of the trials, replicate by replicate: `validation_accuracy`, `training_loss@8`, `diverged`, `seconds`."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from ..errors import UsageError, unknown
from .table import Curve, Floats, Table

#: Metrics that are better when higher; of all others the lower value is better.
HIGHER = frozenset({"validation_accuracy", "validation_balanced_accuracy", "training_accuracy"})

TRAINED = (
    "learning_rate",
    "training_cost",
    "training_loss",
    "training_accuracy",
    "validation_cost",
    "validation_loss",
    "validation_accuracy",
    "validation_balanced_accuracy",
)
"""Metrics that hpo stores for every epoch; balanced accuracy where the classes are not of one size, or the study asks for it."""

UNITS = {
    **dict.fromkeys((*sorted(HIGHER), "test_accuracy", "diverged"), "%"),
    **dict.fromkeys(("training_cost", "training_loss", "validation_cost", "validation_loss"), "nats"),
    "seconds": "s",
}
"""Of hpo's own metrics, which hold shares of 1 where the unit is per cent. The `accuracy` of somebody else's study may be in per
cent already, and a `loss` anything."""

FACTS = ("diverged", "seconds")
"""Metrics that every trial has, whatever it reports."""


def better_when_higher(table: Table, metric: str) -> bool:
    """Whether a rise of the metric is an improvement."""
    name = metric.partition("@")[0]
    known = next((one for one in (metric, name) if one in table.metrics), None)
    return name in HIGHER if known is None else table.maximise[table.metrics.index(known)]


def in_percent(metric: str) -> bool:
    """Whether a metric, with or without `@epoch`, is stored as a share of 1 and shown in per cent."""
    return UNITS.get(metric.partition("@")[0]) == "%"


def possible(metric: str, values: Floats) -> Floats:
    """Values of one of hpo's own metrics, drawn in to what it can be: shares lie from 0 to 1, losses and costs at 0 or above."""
    unit = UNITS.get(metric.partition("@")[0])
    return np.clip(values, 0.0, 1.0 if unit == "%" else np.inf) if unit else values


def within(table: Table, objective: int, values: Floats) -> Floats:
    """What a model says of an objective, none beyond what it can be; another program's metric of that name may be anything."""
    metric, known = table.metrics[objective], table.values[:, objective]
    return possible(metric, values) if np.array_equal(possible(metric, known), known, equal_nan=True) else values


@lru_cache(maxsize=16)
def available(table: Table) -> tuple[str, ...]:
    """Names that `replicates` takes for this table, each of the curves' with or without `@epoch`."""
    reported = next((curves[0].metrics for row in range(len(table)) if (curves := table.curves(row))), {})
    return tuple(dict.fromkeys([*table.metrics, *FACTS, *reported]))


@lru_cache(maxsize=16)
def replicates(table: Table, metric: str) -> Floats:
    """A metric as (trials, replicates); NaN where a trial has none. A metric without `@epoch` is the last one of the training.

    Evidence has columns of its own: its networks are other replicates than those of the search.

    The objective of a trial is the mean of its row. `diverged` is 0 or 1; `seconds` is a trial's wall time. `@epoch` reads a
    curve at that epoch (or step).

    Raises UsageError when no trial has such a metric.
    """
    name, _, at = metric.partition("@")
    if name not in available(table):
        raise UsageError(unknown("metric", name, available(table)))
    if at and not _is_number(at):
        raise UsageError(f"a metric is read at an epoch, such as {name}@8, got '{metric}'")
    if name == "diverged":
        return _rectangle(table, np.where(table.settled, table.diverged.astype(np.float64), np.nan)[:, None].tolist())
    if name == "seconds":
        return _rectangle(table, table.seconds[:, None].tolist())
    if name in table.metrics and not at:
        return _objective(table, name)
    return _from_curves(table, name, float(at) if at else None)


def _is_number(text: str) -> bool:
    return text.replace(".", "", 1).isdigit()


def _objective(table: Table, name: str) -> Floats:
    """The replicates of each trial at the epoch whose mean is its value; where no epoch is, the value itself."""
    values = table.values[:, table.metrics.index(name)]
    return _rectangle(table, [_replicates(table.curves(row), name, float(value)) for row, value in enumerate(values)])


def _replicates(curves: Sequence[Curve], name: str, value: float) -> Sequence[float]:
    if len(curves) < 2 or not np.isfinite(value):
        return [value]
    epochs: Floats = np.array(list(zip(*(curve.metrics.get(name, ()) for curve in curves), strict=False))).reshape(
        -1, len(curves)
    )
    same = np.flatnonzero(np.isclose(epochs.mean(axis=1), value, rtol=1e-6, atol=1e-9))
    return list(map(float, epochs[same[-1]])) if len(same) else [value]


def _rectangle(table: Table, rows: Sequence[Sequence[float]]) -> Floats:
    firsts = table.first_network
    width = max((first + len(row) for first, row in zip(firsts, rows, strict=True)), default=0) or 1
    found = np.full((len(rows), width), np.nan)
    for place, (first, row) in enumerate(zip(firsts, rows, strict=True)):
        found[place, first : first + len(row)] = row
    return found


def _from_curves(table: Table, name: str, at: float | None) -> Floats:
    return _rectangle(table, [[_read(curve, name, at) for curve in table.curves(row)] for row in range(len(table))])


def _read(curve: Curve, name: str, at: float | None) -> float:
    values = curve.metrics.get(name)
    if values is None or not values.size:
        return np.nan
    if at is None:
        return float(values[-1])
    places = np.flatnonzero(curve.at == at)
    return float(values[places[0]]) if places.size else np.nan
