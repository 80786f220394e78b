"""Which trials a claim speaks of: `{ eta = 0.1, lambda = [1e-4, 1e-2], stage = "wide" }`."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
from pydantic import AfterValidator, Discriminator, Field, Tag, model_validator

from ..analysis.choices import text
from ..analysis.metrics import available
from ..analysis.table import Column, Floats, Table, Truths
from ..errors import unknown
from ..section import Section
from .choosing import CHOSEN_BY
from .finding import Undecidable
from .runs import means

FACTS = ("outcome", "rank", "stage")
"""What a condition may name besides parameters, derived quantities and metrics."""


class Bound(Section):
    """More than `above`, less than `below`, or both; the bounds themselves are not in it."""

    above: float | None = None
    below: float | None = None

    @model_validator(mode="after")
    def _some(self) -> "Bound":
        if self.above is None and self.below is None:
            raise ValueError("give above or below")
        return self


@dataclass(frozen=True, slots=True)
class Exactly:
    """One choice of a parameter, whatever its type: a list is no interval here, and None no missing one."""

    choice: Any


def _ordered(ends: tuple[float, float]) -> tuple[float, float]:
    if not ends[0] <= ends[1]:
        raise ValueError(f"low must not exceed high, got [{ends[0]:g}, {ends[1]:g}]")
    return ends


def _shape(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return "interval"
    if isinstance(value, (dict, Bound)):
        return "bound"
    return (
        "truth"
        if isinstance(value, bool)
        else "whole"
        if isinstance(value, int)
        else "text"
        if isinstance(value, str)
        else "number"
    )


Interval = Annotated[tuple[float, float], AfterValidator(_ordered)]
Condition = Annotated[
    Annotated[bool, Tag("truth")]
    | Annotated[int, Tag("whole")]
    | Annotated[float, Tag("number")]
    | Annotated[str, Tag("text")]
    | Annotated[Interval, Tag("interval")]
    | Annotated[Bound, Tag("bound")],
    Discriminator(_shape),
]
"""A value, both ends of an interval that they belong to, or a bound."""
Conditions = dict[Annotated[str, Field(min_length=1)], Condition]

TAGS = frozenset({"truth", "whole", "number", "text", "interval", "bound"})


def matching(table: Table, conditions: Mapping[str, Any]) -> Truths:
    """The trials for which every condition holds; a rank counts among those for which all the others do.

    Raises Undecidable when the study has nothing of a name.
    """
    rows = np.ones(len(table), dtype=np.bool_)
    for name, condition in conditions.items():
        if name != "rank":
            rows &= _holds(table, name, condition)
    return rows & _within(_ranks(table, rows), conditions["rank"]) if "rank" in conditions else rows


def _holds(table: Table, name: str, condition: Any) -> Truths:
    if name == "stage":
        return np.asarray(table.stages == str(condition))
    if name == "outcome":
        return np.asarray(table.outcomes == str(condition))
    if name in table.columns:
        return _column_holds(table.columns[name], condition)
    if name.partition("@")[0] in available(table):
        return _within(means(table, name), condition)
    raise Undecidable(f"the study has no {unknown('parameter or metric', name, [*table.columns, *FACTS, *available(table)])}")


def _column_holds(column: Column, condition: Any) -> Truths:
    if isinstance(condition, Exactly):
        return np.asarray(column.values == column.code(condition.choice))
    if isinstance(condition, (tuple, list, Bound)):
        return _within(column.values, condition)
    return np.asarray(np.isclose(column.values, column.code(condition), rtol=1e-9, atol=0.0))


def _within(values: Floats, condition: Any) -> Truths:
    with np.errstate(invalid="ignore"):
        if isinstance(condition, Bound):
            above = values > condition.above if condition.above is not None else ~np.isnan(values)
            return np.asarray(above & (values < condition.below) if condition.below is not None else above)
        if isinstance(condition, (tuple, list)):
            return np.asarray((values >= condition[0]) & (values <= condition[1]))
        return np.asarray(np.isclose(values, float(condition), rtol=1e-9, atol=0.0))


def _ranks(table: Table, rows: Truths) -> Floats:
    """1 for the best completed trial among the rows; NaN for others, and for trials that are not completed."""
    ranks = np.full(len(table), np.nan)
    score = table.columns[CHOSEN_BY].values if CHOSEN_BY in table.columns else table.score()
    ranked = rows & table.completed & ~np.isnan(score)
    order = np.argsort(-np.where(ranked, score, -np.inf), kind="stable")[: int(ranked.sum())]
    ranks[order] = np.arange(1, len(order) + 1)
    return ranks


def worded(conditions: Mapping[str, Any]) -> str:
    """Conditions as a reader would say them: `eta from 0.01 to 0.1 and batch_norm true`."""
    return " and ".join(_worded(name, condition) for name, condition in conditions.items()) or "all trials"


def _worded(name: str, condition: Any) -> str:
    if isinstance(condition, Exactly):
        return f"{name} {text(condition.choice)}"
    if isinstance(condition, Bound):
        return f"{name} " + " and ".join(_bounds(condition))
    if isinstance(condition, (tuple, list)):
        return f"{name} from {condition[0]:g} to {condition[1]:g}"
    if isinstance(condition, bool):
        return f"{name} {str(condition).lower()}"
    return f"{name} {condition:g}" if isinstance(condition, (int, float)) else f"{name} {condition}"


def _bounds(bound: Bound) -> Iterator[str]:
    if bound.above is not None:
        yield f"above {bound.above:g}"
    if bound.below is not None:
        yield f"below {bound.below:g}"
