"""The answer of a study in three sentences: what to take and what it is worth, what matters, and what to beware of."""

from collections.abc import Sequence

import numpy as np

from ..analysis.baseline import Baseline
from ..analysis.metrics import replicates
from ..analysis.recommendation import Recommendation
from ..analysis.summary import Analysis
from ..analysis.table import Table, Unanswered
from ..errors import study_command
from ..findings import Finding
from ..findings.estimate import by_student
from ..findings.wording import counted, lower, subject
from .advice import advice
from .caution import caution
from .guessed import beside, no_better
from .leader import Leader
from .mattering import mattering
from .raced import raced
from .rounding import values
from .wording import a, exact, listed, settings, told

Answer = tuple[str, str, str]

MORE = 20
"""Trials that a search is to go on by where more would tell more."""


def answer(
    table: Table,
    analysis: Analysis,
    findings: Sequence[Finding],
    best: Leader | None,
    level: Baseline | Unanswered | None = None,
    *,
    ours: bool = True,
    storage: str | None = None,
) -> Answer:
    """What a reader should take away, each sentence whole by itself.

    `table`: of the search; `level`: what a guess gets; `ours`: whether hpo can go on with the study. `storage`: its URL
    for the commands, where it is not the usual one.
    """
    place = ("--storage", storage) if storage else ()
    more = f"`{study_command('run', table.name, *place, '--trials', str(MORE))}`" if ours else f"{MORE} more trials"
    matters = mattering(table, analysis.shares, analysis.safe, more)
    by = f"For {_metric(table)} alone: " if len(table.metrics) > 1 else ""
    return (
        _best(table, analysis, best, level, place),
        f"{by}{matters}.",
        f"{caution(table, analysis, findings, more, study_command('settle', table.name, *place))}.",
    )


def _best(
    table: Table, analysis: Analysis, best: Leader | None, level: Baseline | Unanswered | None, place: Sequence[str]
) -> str:
    if not len(table):
        return "The study has no trials yet."
    if best is None:
        outcomes = listed([f"{count:,} {_became(name)}" for name, count in analysis.outcomes.items()])
        none = f"No trial{_keeping(table)} has completed, so that there is no best setting yet"
        return f"{none}: of {counted(len(table), 'trial')} {outcomes}."
    if len(table.metrics) > 1:
        return _best_of_several(table, analysis)
    if guess := no_better(table, best.row, level):
        return f"{guess}."
    missed = "" if best.missed is None else _missed(table, best, place)
    found = analysis.recommendation
    known = isinstance(found, Recommendation) and np.isfinite([found.low, found.high]).all()
    first = advice(table, found, analysis.safe) if isinstance(found, Recommendation) and known else _best_seen(table, best, found)
    return f"{first}{missed}{beside(level)}."


def _keeping(table: Table) -> str:
    return "" if table.feasible.all() else " that keeps the study's constraints"


def _best_seen(table: Table, best: Leader, found: Recommendation | Unanswered) -> str:
    """Where there is no model of the study."""
    if best.raced is not None:
        return raced(table, best.row, best.raced)
    seen = table.values[table.completed, 0]
    if len(seen) > 1 and np.ptp(seen) == 0:
        return f"All {len(seen):,} completed trials have the same {_metric(table)}, {exact(table.metric, seen[0])}"
    value = float(table.values[best.row, 0])
    what = f"{a(_metric(table))} of {exact(table.metric, value)}{settings(told(table, best.row))}"
    number = table.numbers[best.row]
    if best.among == 1:
        only = "The only completed trial" if best.of_all else "The only trial completed with the last stage's budget"
        return f"{only}, number {number}, has {what}; {_of_networks(table, best.row)}"
    among = f"{best.among:,} completed trials" if best.of_all else f"{best.among:,} trials completed with the last stage's budget"
    why = found.reason if isinstance(found, Unanswered) else "the values lie too far apart"
    return f"The best of {among} is number {number} with {what}; how much of that is luck cannot be said: {why}"


def _of_networks(table: Table, row: int) -> str:
    """How well the value of a single trial is known."""
    networks = replicates(table, table.metric)[row]
    known = networks[np.isfinite(networks)]
    if len(known) < 2:
        return "one network does not say how much of that is luck"
    reach = by_student(float(known.mean()), float(known.std(ddof=1)) / len(known) ** 0.5, len(known) - 1)
    return f"that is the mean of {counted(len(known), 'network')} (95 % interval {values(table.metric, reach.low, reach.high)})"


def _missed(table: Table, best: Leader, place: Sequence[str]) -> str:
    again = f"`{study_command('confirm', table.name, *place)}` looks again"
    return f"; trial {table.numbers[best.row]}, the search's best since, was no candidate of the last confirmation: {again}"


def _became(outcome: str) -> str:
    return {"error": "ended in an error", "unfinished": "have not ended", "pruned": "were pruned"}.get(outcome, outcome)


def _metric(table: Table, place: int = 0) -> str:
    return lower(subject(table.metrics[place]))


def _best_of_several(table: Table, analysis: Analysis) -> str:
    front = 0 if isinstance(analysis.front, Unanswered) else len(analysis.front.numbers)
    bests = []
    for place, metric in enumerate(table.metrics):
        row = int(np.nanargmax(table.score(place)))
        bests.append(f"{_metric(table, place)} at {exact(metric, table.values[row, place])} (trial {table.numbers[row]})")
    completed = counted(int(table.completed.sum()), "completed trial")
    unbeaten = f"{front:,} {'is' if front == 1 else 'are'} beaten by no other in all objectives at once"
    return f"Of {completed} {unbeaten}; the best of each are {listed(bests)}."
