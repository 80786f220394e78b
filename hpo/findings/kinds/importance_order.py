"""Kind `importance-order`: one parameter explains more of the metric than the next."""

from collections.abc import Iterator
from functools import partial
from typing import Annotated

import numpy as np
from pydantic import Field, model_validator

from ...analysis.metrics import better_when_higher
from ...analysis.sampling import some, tamed
from ...analysis.table import Column, Floats, Integers, Table
from ..conditions import matching, worded
from ..estimate import Estimate, Region, by_student, judge_all, more_for_all
from ..fairness import fair
from ..finding import Evidence, Undecidable
from ..options import Measured, Name
from ..runs import runs
from ..samples import Sample, notes, units
from ..variance import shares
from ..wording import interval, lower, percent, subject

SOURCE = "Differences of first-order shares of variance (Sobol, 1993) from an additive quadratic model; jackknife (Tukey, 1958)"
MOST = 400
"""Units used at the most: the jackknife fits the model once for each."""


class ImportanceOrder(Measured):
    """Each parameter of `order` explains more of the variance of the metric than the one after it."""

    order: Annotated[tuple[Name, ...], Field(min_length=2, max_length=8)]

    @model_validator(mode="after")
    def _check(self) -> "ImportanceOrder":
        if len(set(self.order)) < len(self.order):
            raise ValueError(f"the parameters of an order differ, got {list(self.order)}")
        return self

    def parameters(self) -> Iterator[tuple[str, str]]:
        """Each name of a parameter or derived quantity in the test, with its key."""
        yield from (("order", name) for name in self.order)


@fair
def importance_order(table: Table, test: ImportanceOrder) -> Evidence:
    """Put a claimed order to the trials.

    The effect is the smallest lead of a parameter over the next one, as a share of the variance.
    """
    found, columns, rows = _used(table, test)
    metric = test.metric or table.metric
    score = tamed(found.values if better_when_higher(table, metric) else -found.values)
    whole, without = shares(columns, rows, score, table.stages[rows])
    leads = [_lead(without[:, i] - without[:, i + 1], float(whole[i] - whole[i + 1])) for i in range(len(test.order) - 1)]
    parts = [(lead, Region(low=0.0), len(rows)) for lead in leads]
    holds, p = judge_all(parts)
    least = _possible(min(leads, key=lambda lead: lead.effect))
    sentence = _sentence(table, test, [max(0.0, float(share)) for share in whole], least, found.size)
    return Evidence(
        sentence, least.effect, least.low, least.high, len(rows), p, holds, partial(more_for_all, parts), notes(found)
    )


def _lead(without: Floats, whole: float) -> Estimate:
    """Jackknife, with as many degrees of freedom as its variance has by Satterthwaite: a few trials at the edges weigh a lot."""
    n = len(without)
    squares = (without - without.mean()) ** 2
    if squares.sum() == 0:
        return by_student(whole, 0.0, n - 1)
    kurtosis = float((squares**2).mean() / squares.mean() ** 2)
    degrees = min(n - 1.0, 2 * n / (kurtosis - 1)) if kurtosis > 1 else n - 1.0
    return by_student(whole, float(np.sqrt((n - 1) / n * squares.sum())), degrees)


def _possible(lead: Estimate) -> Estimate:
    """The same within what shares of a variance can differ by."""
    effect, low, high = (min(1.0, max(-1.0, end)) for end in (lead.effect, lead.low, lead.high))
    return lead._replace(effect=effect, low=low, high=high)


def _used(table: Table, test: ImportanceOrder) -> tuple[Sample, list[Column], Integers]:
    """The units, the parameters that varied among them, those of the order first, and a trial of each unit."""
    metric = runs(table, test.metric)
    named = [table.columns[name] for name in test.order if name in table.columns]
    has = np.all([~np.isnan(column.values) for column in named], axis=0) if named else np.ones(len(table), dtype=np.bool_)
    everything = units(table, metric, matching(table, test.where) & has)
    kept = some(np.arange(len(everything.values)), MOST, table.seed, "importance order")
    found = everything._replace(values=everything.values[kept], rows=everything.rows[kept])
    candidates = [*named, *(column for column in table.parameters if column.name not in test.order)]
    varied = [column for column in candidates if _varies(column, found.rows)]
    if missing := [name for name in test.order if name not in {column.name for column in varied}]:
        raise Undecidable(f"{' and '.join(missing)} did not vary", len(kept))
    least = 3 * len(varied) + 3 + len(np.unique(table.stages[found.rows]))
    if len(kept) < least:
        raise Undecidable(f"{found.size} cannot tell {len(varied)} parameters apart", len(kept), least - len(kept))
    return found, varied, found.rows


def _varies(column: Column, rows: Integers) -> bool:
    values = column.values[rows]
    return bool(values.size and not np.isnan(values).any() and np.ptp(values) > 0)


def _sentence(table: Table, test: ImportanceOrder, whole: list[float], least: Estimate, size: str) -> str:
    metric = lower(subject(test.metric or table.metric))
    among = f" among trials with {worded(test.where)}" if test.where else ""
    explained = ", ".join(f"{name} {percent(share)}" for name, share in zip(test.order, whole, strict=False))
    return (
        f"Of the variance of {metric}{among}, {explained} is explained by the parameter alone; the least lead is"
        f" {percent(least.effect)} ({interval(percent(least.low), percent(least.high))}; {size})."
    )
