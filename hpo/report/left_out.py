"""What a report does not show, and what one should know before relying on it."""

from collections.abc import Iterator, Sequence

from ..analysis.table import Unanswered
from ..findings.wording import counted
from ..plots.registry import KINDS
from .explanation import Explanation
from .figures import SHOWN
from .grids import MOST_TRIALS
from .wording import listed


def left_out(explanation: Explanation, reasons: Sequence[str]) -> list[str]:
    """One line for each thing; `reasons` are those of plots that could not be drawn."""
    return [f"{line[:1].upper()}{line[1:]}." for line in (*_lines(explanation), *explanation.remarks, *reasons)]


def _lines(explanation: Explanation) -> Iterator[str]:
    table, analysis = explanation.table, explanation.analysis
    yield from _trials(explanation)
    if len(table.metrics) > 1:
        yield f"the analyses are of {table.metric}; `hpo plot KIND STUDY --metric` draws the others: {listed(table.metrics[1:])}"
    for name in ("noise", "interactions", "stability"):
        found = getattr(analysis, name)
        if isinstance(found, Unanswered) and len(table):
            yield f"{name}: {found.reason}"
    yield f"other kinds of plot, for `hpo plot`: {listed(sorted(KINDS.keys() - set(SHOWN)))}"


def _trials(explanation: Explanation) -> Iterator[str]:
    outcomes = explanation.analysis.outcomes
    reasons = {
        "pruned": "was given up early and so has no final value|were given up early and so have no final values",
        "diverged": "diverged and so has no final value|diverged and so have no final values",
        "error": "ended in an error|ended in errors",
        "unfinished": "has not ended|have not ended",
    }
    for outcome, text in reasons.items():
        count = outcomes.get(outcome, 0)
        if count:
            yield f"{counted(count, 'trial')} {text.split('|')[count != 1]}"
    if len(explanation.whole) > MOST_TRIALS:
        yield f"the table of all {len(explanation.whole):,} trials; `hpo study trials` lists those of a study of hpo's"
    if explanation.analysis.duplicates.repeated:
        repeated = explanation.analysis.duplicates.repeated
        yield f"{counted(repeated, 'trial')} repeat{'s' if repeated == 1 else ''} the settings of another"
