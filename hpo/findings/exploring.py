"""What the trials suggest by themselves: marked exploratory, and corrected for everything that was tried."""

from collections.abc import Callable, Iterator
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np

from ..analysis.pruned import as_far_as_all, until_pruning
from ..analysis.stability import Boundary, boundary
from ..analysis.table import Column, Table
from ..errors import UsageError
from .conditions import Bound, Exactly, worded
from .evaluating import caveats, correct, decided
from .finding import Evidence, Finding, Undecidable
from .kinds.best_region import BestRegion, best_region
from .kinds.difference import Difference, difference
from .kinds.divergence_boundary import sentence
from .kinds.importance_order import ImportanceOrder, importance_order
from .kinds.interaction import Interaction, interaction
from .kinds.trend import Trend, trend
from .wording import lower, number, subject

MOST_PARAMETERS = 6
"""Pairs of parameters are looked at for so many of them, those that come first in the study."""
MOST_CHOICES = 4
TOP_SHARE = 0.1


class Proposal(NamedTuple):
    """A claim that the data suggested, with the evidence for it."""

    claim: str
    kind: str
    evidence: Evidence


Proposer = Callable[[Table], Iterator[Proposal]]


def explore(table: Table) -> list[Finding]:
    """Findings that nobody claimed, the surest first; only those that hold after Holm's correction for all that was tried.

    Of a study with pruned trials they are about what all trials had reached before the first was pruned.
    """
    table = as_far_as_all(table)
    proposals = [proposal for propose in PROPOSERS for proposal in propose(table)]
    pairs = [(decided(one.claim, one.kind, one.evidence, exploratory=True), one.evidence) for one in proposals]
    found = [finding for finding in correct(pairs, caveats(table)) if finding.verdict == "supported"]
    return sorted(found, key=lambda finding: finding.p if finding.p is not None else 1.0)


def _varied(table: Table) -> list[Column]:
    rows = np.flatnonzero(table.completed)
    return [column for column in table.parameters if not column.take(rows).constant]


def _numeric(table: Table) -> list[Column]:
    return [column for column in _varied(table) if column.numeric]


def _try(measure: Callable[[Table, Any], Evidence], table: Table, test: Any) -> Evidence | None:
    try:
        return measure(table, test)
    except (Undecidable, UsageError):
        return None


def _trends(table: Table) -> Iterator[Proposal]:
    metric = subject(table.metric)
    for column in _numeric(table):
        for test, verb in (
            (Trend(parameter=column.name, direction="rising"), "rises"),
            (Trend(parameter=column.name, direction="falling"), "falls"),
        ):
            found = _try(trend, table, test)
            if found is not None and found.holds:
                yield Proposal(f"{metric} {verb} with {column.name}", "trend", found)
                break


def _choices(table: Table) -> Iterator[Proposal]:
    metric = subject(table.metric)
    for column in _varied(table):
        for first, second in combinations(map(Exactly, (column.choices or ())[:MOST_CHOICES]), 2):
            for group, against in ((first, second), (second, first)):
                test = Difference.model_construct(
                    group={column.name: group}, against={column.name: against}, direction="higher", average="hodges-lehmann"
                )
                found = _try(difference, table, test)
                if found is not None and found.holds:
                    yield Proposal(
                        f"{metric} is higher with {worded(test.group)} than with {worded(test.against)}", "difference", found
                    )
                    break


def _halves(table: Table, column: Column) -> tuple[dict[str, Any], dict[str, Any]] | None:
    """Conditions for the upper and the lower half of a parameter, or for its two choices."""
    if column.choices is not None:
        sides = [{column.name: Exactly(choice)} for choice in column.choices]
        return (sides[1], sides[0]) if len(sides) == 2 else None
    middle = float(f"{np.nanmedian(column.values[table.completed]):.3g}")
    return {column.name: Bound(above=middle)}, {column.name: Bound(below=middle)}


def _interactions(table: Table) -> Iterator[Proposal]:
    for first, second in combinations(_varied(table)[:MOST_PARAMETERS], 2):
        sides, other_sides = _halves(table, first), _halves(table, second)
        if sides is None or other_sides is None:
            continue
        (group, against), (when, than) = sides, other_sides
        for direction, word in (("larger", "more"), ("smaller", "less")):
            test = Interaction.model_construct(group=group, against=against, when=when, than=than, direction=direction)
            found = _try(interaction, table, test)
            if found is not None and found.holds:
                claim = f"{first.name} raises {lower(subject(table.metric))} {word} with {worded(when)} than with {worded(than)}"
                yield Proposal(claim, "interaction", found)
                break


def _boundaries(table: Table) -> Iterator[Proposal]:
    told = until_pruning(table)
    for column in _numeric(table):
        found = boundary(told, column.name)
        if isinstance(found, Boundary) and found.inside:
            claim = f"Trials diverge {found.side} {column.name} {number(found.at)}"
            text = sentence(
                column.name,
                {"outcome": "diverged"},
                found.side,
                (found.at, found.low, found.high),
                (found.diverged, found.trials),
            )
            yield Proposal(
                claim,
                "divergence-boundary",
                Evidence(text, found.at, found.low, found.high, found.trials, found.p, True),
            )


def _regions(table: Table) -> Iterator[Proposal]:
    """A region is read off every other trial and put to the rest: trials that suggest a claim cannot also test it."""
    settled = table.take(table.settled)
    suggest, test = settled.take(np.arange(0, len(settled), 2)), settled.take(np.arange(1, len(settled), 2))
    top = max(5, round(TOP_SHARE * len(test)))
    if suggest.completed.sum() < top or len(test) < 2 * top:
        return
    best = np.argsort(-np.nan_to_num(suggest.score(), nan=-np.inf), kind="stable")[:top]
    for column in _numeric(table):
        values = suggest.columns[column.name].values[best]
        if np.isnan(values).all():  # None of the best has it.
            continue
        low, high = (float(f"{end:.3g}") for end in (np.nanmin(values), np.nanmax(values)))
        if not low < high:
            continue
        found = _try(best_region, test, BestRegion(parameter=column.name, low=low, high=high, top=top))
        if found is not None and found.holds:
            by = f" by {lower(subject(table.metric))}" if "@" in table.metric else ""
            claim = f"The best trials{by} lie at {column.name} between {number(low)} and {number(high)}"
            yield Proposal(
                claim, "best-region", found._replace(notes=("the region comes from every other trial, the test from the rest",))
            )


def _order(table: Table) -> Iterator[Proposal]:
    """Which parameter explains most; its p is multiplied by the number of pairs that might have come out on top."""
    names = [column.name for column in _varied(table)]
    pairs = [(first, second) for first in names for second in names if first != second]
    tried = [(pair, _try(importance_order, table, ImportanceOrder(order=pair))) for pair in pairs]
    leads = {first: [found for (one, _), found in tried if one == first and found is not None] for first in names}
    for name, found in leads.items():
        if found and len(found) == len(names) - 1 and all(one.holds for one in found):
            closest = min(found, key=lambda one: one.effect)
            evidence = closest._replace(p=min(1.0, closest.p * len(pairs) / 2))
            yield Proposal(f"{name} matters most for {lower(subject(table.metric))}", "importance-order", evidence)


PROPOSERS: tuple[Proposer, ...] = (_trends, _choices, _interactions, _boundaries, _regions, _order)
