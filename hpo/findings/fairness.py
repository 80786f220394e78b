"""Which trials a claim may rest on: a pruner has chosen among the others by their values, or by what goes with them."""

from collections.abc import Callable, Collection, Iterator
from functools import lru_cache, wraps
from typing import TypeVar

import numpy as np

from ..analysis.pruned import last_common, until_pruning, untouched, without_value
from ..analysis.table import Table
from .choosing import halved
from .finding import Evidence, Undecidable
from .options import Measured, Test
from .wording import counted, lower, subject

EVENT = "event"
"""Key of a condition that is what the claim is about; those of other keys choose trials."""

CIRCULAR = "trials that are set apart by a metric differ in that metric whatever the study shows; compare them by another one"

AnyTest = TypeVar("AnyTest", bound=Test)


def fair(measure: Callable[[Table, AnyTest], Evidence]) -> Callable[[Table, AnyTest], Evidence]:
    """A kind of test that looks at no trial that is there because of its values, and says how many it left out.

    Where that leaves too few, the test raises Undecidable with the way out.
    """

    @wraps(measure)
    def of_untouched(table: Table, test: AnyTest) -> Evidence:
        if keys := list(circular(test, table.metric)):
            raise Undecidable(f"{' and '.join(keys)}: {CIRCULAR}")
        table, metrics = _of_stage(table, test.where.get("stage")), frozenset(looked_at(test, table.metric, table.columns))
        kept, notes = _kept(table, metrics)
        if any(ranks(test)):
            kept, notes = halved(kept), (*notes, "ranks are by half of each trial's networks, and the test looks at the others")
        if len(kept) == len(table):
            return _noted(measure(kept, test), notes)
        try:
            found = measure(kept, test)
        except Undecidable as reason:
            raise Undecidable(_why(table, metrics), reason.n) from reason
        return _noted(found, (*notes, _left_out(table, kept)))

    return of_untouched


def ranks(test: Test) -> Iterator[str]:
    """Keys of the conditions that choose trials by their rank."""
    yield from (f"{key}.rank" for key, conditions in test.conditions() if key != EVENT and "rank" in conditions)


def circular(test: Test, metric: str) -> Iterator[str]:
    """Keys of the conditions that set trials apart by the very metric that the claim compares them by, the study's by default."""
    compared = {getattr(test, "metric", None) or metric}
    apart = ((key, conditions) for key, conditions in test.conditions() if key not in (EVENT, "where"))
    yield from (f"{key}.{name}" for key, conditions in apart for name in conditions if name in compared)


def looked_at(test: Test, metric: str, columns: Collection[str]) -> Iterator[str]:
    """Everything that a trial must have told for a test to look at it; `metric` is the study's, `columns` are no metrics."""
    yield from (name for _, name in test.metrics())
    if isinstance(test, Measured) and test.metric is None:
        yield metric
    for key, conditions in test.conditions():
        for name, condition in conditions.items():
            if name == "rank" or (name == "outcome" and key != EVENT and condition in ("completed", "pruned")):
                yield metric
            elif name == "outcome":
                yield "diverged"
            elif name != "stage" and name not in columns:
                yield name


@lru_cache(maxsize=16)
def _of_stage(table: Table, stage: str | None) -> Table:
    """The stage that a claim speaks of: what was pruned elsewhere has no bearing on it."""
    return table if stage is None else table.take(table.stages == stage)


@lru_cache(maxsize=32)
def _kept(table: Table, metrics: frozenset[str]) -> tuple[Table, tuple[str, ...]]:
    """The trials that may be looked at, and what to know of their divergence."""
    rows = untouched(table, metrics)
    kept = table if rows.all() else table.take(rows)
    early = until_pruning(kept) if "diverged" in metrics else kept
    later = int((kept.diverged & ~early.diverged).sum())
    notes = (f"{counted(later, 'trial')} that diverged after others had been pruned counted as pruned",) if later else ()
    return early, notes


def _noted(found: Evidence, notes: tuple[str, ...]) -> Evidence:
    return found._replace(notes=(*found.notes, *notes)) if notes else found


def _left_out(table: Table, kept: Table) -> str:
    return f"{counted(len(table) - len(kept), 'trial')} left out, because a pruner chose by their values which of them went on"


def _why(table: Table, metrics: frozenset[str]) -> str:
    lacking = [name for name in sorted(metrics) if without_value(table, name).any()]
    pruned = int(np.any([without_value(table, name) for name in lacking], axis=0).sum())
    place = last_common(table)
    early = f", or a claim about {lower(subject(f'{table.metric}@{place:.15g}'))}, which all trials reached" if place else ""
    return (
        f"{pruned:,} of {counted(len(table), 'trial')} {'was' if pruned == 1 else 'were'} pruned before {_named(lacking)} was"
        " known, and those that went on were chosen by their values; what decides it is a search without a pruner"
        f" (pruner = 'none'), one that leaves some trials alone (pruner = 'checked-halving'){early}"
    )


def _named(metrics: list[str]) -> str:
    return " and ".join("the final " + lower(subject(name)) if "@" not in name else lower(subject(name)) for name in metrics)
