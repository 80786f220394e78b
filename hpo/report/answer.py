"""The answer of a study in three sentences: what is best and how sure that is, what matters, and what breaks or stays unsure."""

from collections.abc import Iterator, Sequence

import numpy as np

from ..analysis.baseline import Baseline
from ..analysis.importance import METHODS, Importance, Share
from ..analysis.selection import SelectionGap
from ..analysis.stability import Boundary, Stability
from ..analysis.summary import Analysis
from ..analysis.table import Table, Unanswered
from ..errors import study_command
from ..findings import Finding
from ..findings.wording import amount, counted, lower, number, percent, subject
from .guessed import beside, no_better
from .leader import Leader
from .raced import raced
from .wording import a, exact, listed, settings, told

Answer = tuple[str, str, str]

SURE = 0.05
"""Largest p of a boundary that is told as one."""


def answer(
    table: Table,
    analysis: Analysis,
    findings: Sequence[Finding],
    best: Leader | None,
    level: Baseline | Unanswered | None = None,
) -> Answer:
    """What a reader should take away, each sentence whole by itself; `level` is what a guess gets."""
    return _best(table, analysis, best, level), _matters(analysis, findings), _breaks(table, analysis, findings)


def _best(table: Table, analysis: Analysis, best: Leader | None, level: Baseline | Unanswered | None) -> str:
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
    if best.raced is not None:
        return f"{raced(table, best.row, best.raced)}{beside(level)}."
    return f"{_best_searched(table, analysis, best)}{'' if best.missed is None else _missed(table, best)}{beside(level)}."


def _keeping(table: Table) -> str:
    return "" if table.feasible.all() else " that keeps the study's constraints"


def _best_searched(table: Table, analysis: Analysis, best: Leader) -> str:
    values = table.values[table.completed, 0]
    if len(values) > 1 and np.ptp(values) == 0:
        return f"All {len(values):,} completed trials have the same {_metric(table)}, {exact(table.metric, values[0])}"
    value = float(table.values[best.row, 0])
    what = f"{a(_metric(table))} of {exact(table.metric, value)}{settings(told(table, best.row))}"
    number = table.numbers[best.row]
    if best.among == 1:
        only = "The only completed trial" if best.of_all else "The only trial completed with the last stage's budget"
        return f"{only}, number {number}, has {what}; one trial does not say how much of that is luck"
    among = f"{best.among:,} completed trials" if best.of_all else f"{best.among:,} trials completed with the last stage's budget"
    return f"The best of {among} is number {number} with {what}; {_sureness(table, analysis, value)}"


def _missed(table: Table, best: Leader) -> str:
    return f"; it was no candidate of the last confirmation: `{study_command('confirm', table.name)}` looks again"


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


def _sureness(table: Table, analysis: Analysis, value: float) -> str:
    gap = analysis.selection_gap
    if isinstance(gap, SelectionGap) and gap.best != value:
        return "how much of that is luck cannot be said: its stages were not trained equally long"
    if isinstance(gap, Unanswered):
        return f"how much of that is luck cannot be said: {gap.reason}"
    if not np.isfinite([gap.gap, gap.low, gap.high]).all():
        return "how much of that is luck cannot be said: the values lie too far apart"
    expected, low, high = (exact(table.metric, end) for end in (gap.expected, gap.expected_low, gap.expected_high))
    told = f"{expected} is to be expected of new seeds (95 % interval {low} to {high})"
    lucky = gap.gap > 0 and expected != exact(table.metric, gap.best)
    return f"about {amount(table.metric, gap.gap)} of that is luck, so that {told}" if lucky else told


def _matters(analysis: Analysis, findings: Sequence[Finding]) -> str:
    shares = analysis.importance["ped-anova"]
    if isinstance(shares, Unanswered):
        return f"Which parameter matters cannot be said: {shares.reason}."
    if len(shares.shares) == 1:
        return f"{shares.shares[0].parameter} is the only parameter that was varied."
    leading = [finding for finding in findings if finding.kind == "importance-order" and finding.exploratory]
    return _by_test(leading[0]) if leading else _by_shares(shares)


def _by_test(found: Finding) -> str:
    """Of a proposal, and so of one that holds."""
    assert found.effect is not None
    known = found.low is not None and found.high is not None
    ends = f"95 % interval {percent(found.low or 0)} to {percent(found.high or 0)}; " if known else ""
    lead = f"{percent(found.effect)} more of the variance than the next one"
    return f"{found.claim}: it explains {lead} ({ends}{counted(found.n, 'point')})."


def _by_shares(shares: Importance) -> str:
    first, *others = shares.shares
    if not first.value:
        return f"No parameter sets the best of {_trials(shares)} apart from the others."
    method = f"PED-ANOVA, {_trials(shares)}"
    if shares.warning:
        wanted = METHODS[shares.method].wanted
        return (
            f"Which parameter matters most is not sure yet: {_named(first)} of the importance leads ({method}), but that wants"
            f" {wanted} or more."
        )
    close = [other for other in others if other.high > first.low]
    if close:
        rivals = listed([_named(one) for one in (first, *close[:3])])
        return f"Which parameter matters most cannot be told: {rivals} of the importance lie too close ({method})."
    return f"{first.parameter} matters most, with {_share(first)} of the importance ({method}), before {_named(others[0])}."


def _trials(shares: Importance) -> str:
    if not shares.carried:
        return counted(shares.of, "completed trial")
    return f"{shares.of:,} completed and {shares.carried:,} pruned trials"


def _share(share: Share) -> str:
    return f"{percent(share.value)} (95 % interval {percent(share.low)} to {percent(share.high)})"


def _named(share: Share) -> str:
    return f"{share.parameter} with {_share(share)}"


def _breaks(table: Table, analysis: Analysis, findings: Sequence[Finding]) -> str:
    told = "; ".join([*_divergence(table, analysis.stability), *_unsure(table, analysis, findings)])
    return f"{told[:1].upper()}{told[1:]}."


def _divergence(table: Table, stability: Stability | Unanswered) -> Iterator[str]:
    diverged, settled = int(table.diverged.sum()), int(table.settled.sum())
    if not settled:
        yield "nothing says yet where training breaks"
    elif not diverged:
        yield f"none of {settled:,} trials diverged" if settled > 1 else "the one trial that has ended did not diverge"
    elif isinstance(stability, Unanswered):
        yield f"{diverged:,} of {counted(settled, 'trial')} diverged"
    elif sure := [one for one in stability.boundaries if one.p <= SURE and one.inside]:
        yield _boundary(sure[0], diverged, settled)
    else:
        yield f"{diverged:,} of {counted(settled, 'trial')} diverged, along no parameter in particular"


def _boundary(found: Boundary, diverged: int, settled: int) -> str:
    limits = f"95 % interval {number(found.low)} to {number(found.high)}"
    return (
        f"more than half of the trials diverge {found.side} {found.parameter} {number(found.at)} ({limits});"
        f" in all {diverged:,} of {counted(settled, 'trial')} did"
    )


def _unsure(table: Table, analysis: Analysis, findings: Sequence[Finding]) -> Iterator[str]:
    """What a reader should not rely on, the weightiest first, at most two things."""
    yield from list(_doubts(table, analysis, findings))[:2]


def _doubts(table: Table, analysis: Analysis, findings: Sequence[Finding]) -> Iterator[str]:
    unended = analysis.outcomes.get("unfinished", 0)
    if unended:
        yield f"{counted(unended, 'trial')} {'has' if unended == 1 else 'have'} not ended yet"
    edges = [] if isinstance(analysis.borders, Unanswered) else [border for border in analysis.borders if border.side]
    if edges and len(table.metrics) == 1:
        where = listed([f"the {'lower' if edge.side == 'low' else 'upper'} end of {edge.parameter}" for edge in edges])
        yield f"the best lies at {where}, so that a wider range may hold a better one"
    claims = [finding for finding in findings if not finding.exploratory]
    open_claims = [finding for finding in claims if finding.verdict == "not enough evidence"]
    if open_claims:
        which = "its claim" if len(claims) == 1 else f"{len(open_claims):,} of its {len(claims):,} claims"
        yield f"the evidence for {which} is not enough"
    errors = analysis.outcomes.get("error", 0)
    if errors:
        yield f"{counted(errors, 'trial')} ended in an error"
