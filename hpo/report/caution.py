"""The third sentence: luck, what breaks, and what is not known yet, with the command that would settle it."""

from collections.abc import Iterator, Sequence

import numpy as np

from ..analysis.fresh import Fresh
from ..analysis.recommendation import Recommendation
from ..analysis.stability import Boundary
from ..analysis.summary import Analysis
from ..analysis.table import Table, Unanswered
from ..findings import Finding
from ..findings.wording import amount, counted, number
from .rounding import value
from .wording import exact, listed

SURE = 0.05
"""Largest p of a boundary that is told as one."""
LITTLE = 0.2
"""Luck that is not worth a word, in standard deviations of one network."""


def caution(table: Table, analysis: Analysis, findings: Sequence[Finding], more: str, settle: str) -> str:
    """`more`: see answer; `settle`: the command that does. Without its full stop; the weightiest first, at most three things."""
    luck, doubts = list(_luck(table, analysis.recommendation)), list(_doubts(table, analysis, findings, more, settle))
    told = "; ".join([*luck, *_divergence(table, analysis), *doubts[: 2 - len(luck)]])
    return f"{told[:1].upper()}{told[1:]}"


def _luck(table: Table, best: Recommendation | Unanswered) -> Iterator[str]:
    """What the best-looking trial of the search is really worth."""
    if isinstance(best, Unanswered) or not np.isfinite([best.best_low, best.best_high]).all():
        return
    higher = table.maximise[0]
    gap, sure = (best.best - end if higher else end - best.best for end in (best.best_expected, _kindest(best, higher)))
    seen = f"the {'highest' if higher else 'lowest'} value seen, {exact(table.metric, best.best)} in trial {best.number}"
    again = next((one for one in reversed(table.fresh) if one.number == best.number), None)
    lucky = f"was {'luck' if sure > 0 else 'partly luck'}: " if gap > LITTLE * best.noise else ""
    if again is not None and again.diverged:
        yield f"{seen}, cannot be relied on: {_broken(again)} diverged"
    elif again is not None:
        worse = (again.known.mean() < best.best) == higher
        yield f"{seen}, {(worse and lucky) or 'came to '}{_on_fresh(table, best, again)}"
    elif lucky:
        worth = value(table.metric, best.best_expected, best.best_high - best.best_low)
        yield f"{seen}, {lucky}that setting is worth {worth}"


def _on_fresh(table: Table, best: Recommendation, again: Fresh) -> str:
    count = len(again.known)
    return f"{value(table.metric, float(again.known.mean()), 4 * best.noise / count**0.5)} on {counted(count, 'fresh seed')}"


def _broken(again: Fresh) -> str:
    return f"{again.values.count(None):,} of its {counted(len(again.values), 'network')} on fresh seeds"


def _kindest(best: Recommendation, higher: bool) -> float:
    return best.best_high if higher else best.best_low


def _divergence(table: Table, analysis: Analysis) -> Iterator[str]:
    best, stability = analysis.recommendation, analysis.stability
    told = None if isinstance(best, Unanswered) else best.number
    again = sorted({one.number for one in table.fresh if one.diverged} - {told})
    if again:
        trials = f"trial{'s' if len(again) > 1 else ''} {listed([str(number) for number in again])}"
        yield f"on fresh seeds a network of {trials} diverged"
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


def _doubts(table: Table, analysis: Analysis, findings: Sequence[Finding], more: str, settle: str) -> Iterator[str]:
    unended = analysis.outcomes.get("unfinished", 0)
    if unended:
        yield f"{counted(unended, 'trial')} {'has' if unended == 1 else 'have'} not ended yet"
    yield from _open_claims(findings, settle)
    edges = [] if isinstance(analysis.borders, Unanswered) else [border for border in analysis.borders if border.side]
    if edges and len(table.metrics) == 1:
        where = listed([f"the {'lower' if edge.side == 'low' else 'upper'} end of {edge.parameter}" for edge in edges])
        yield f"the best lies at {where}, so that a wider range may hold a better one"
    errors = analysis.outcomes.get("error", 0)
    if errors:
        yield f"{counted(errors, 'trial')} ended in an error"
    yield from _better(table, analysis.recommendation, more)


def _open_claims(findings: Sequence[Finding], settle: str) -> Iterator[str]:
    claims = [finding for finding in findings if not finding.exploratory]
    unsettled = [finding for finding in claims if finding.verdict == "not enough evidence"]
    if unsettled:
        which = "its claim" if len(claims) == 1 else f"{len(unsettled):,} of its {len(claims):,} claims"
        yield f"the evidence for {which} is not enough: `{settle}` brings more"


def _better(table: Table, best: Recommendation | Unanswered, more: str) -> Iterator[str]:
    """Where another setting may be clearly better."""
    if isinstance(best, Unanswered) or not np.isfinite(best.better) or best.better <= 2 * best.noise:
        return
    yield f"a setting that is better by up to {amount(table.metric, best.better)} cannot be ruled out: {more} may find it"
