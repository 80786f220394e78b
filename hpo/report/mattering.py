"""The second sentence: which parameters matter, by how much, and which do not."""

from collections.abc import Mapping, Sequence

from ..analysis.safe_ranges import SafeRange
from ..analysis.shares import Portion, Shares
from ..analysis.table import Table, Unanswered
from ..findings.wording import amount, percent
from .wording import listed

SURE = 0.95
MOST = 4
"""Parameters that are named."""


def mattering(table: Table, found: Shares | Unanswered, safe: Mapping[str, SafeRange] | Unanswered, more: str) -> str:
    """`more`: see answer. Without its full stop."""
    varied = [column.name for column in table.parameters if not column.constant]
    if not varied:
        return "No parameter was varied"
    if isinstance(found, Unanswered):
        return (
            f"{varied[0]} is the only parameter that was varied"
            if len(varied) == 1
            else f"What matters cannot be said: {found.reason}"
        )
    ranges = {} if isinstance(safe, Unanswered) else safe
    names = [one.names[0] for one in found.mains]
    idle = [name for name in names if name in ranges and ranges[name].whole]
    if len(idle) == len(names):
        return _nothing(table, names, ranges)
    if len(names) == 1:
        return f"{names[0]} is the only parameter that was varied"
    first = found.mains[0]
    rest = [name for name in idle if name != names[0]]
    if found.first >= SURE and names[0] not in idle:
        only = len(rest) == len(names) - 1
        lead = f"Only {names[0]} matters" if only else f"{names[0]} matters most"
        return f"{lead}, with {_share(first)} of the variation{_idle(table, rest, ranges)}"
    return f"{_undecided(found.mains, more)}{_idle(table, rest, ranges)}"


def _nothing(table: Table, names: Sequence[str], safe: Mapping[str, SafeRange]) -> str:
    most = amount(table.metric, max(safe[name].loses for name in names))
    if len(names) == 1:
        return f"{names[0]} makes no difference: no value that was searched costs more than {most}"
    every = "Neither" if len(names) == 2 else "None"
    return f"{every} of {listed(names[:MOST])} matters by itself: no value that was searched costs more than {most}"


def _idle(table: Table, names: Sequence[str], safe: Mapping[str, SafeRange]) -> str:
    if not names:
        return ""
    told = [f"{name} makes less than {amount(table.metric, safe[name].loses)}" for name in names[:MOST]]
    return f"; over all that was searched {listed(told)}"


def _undecided(mains: Sequence[Portion], more: str) -> str:
    first, *others = mains
    close = [other for other in others if other.high > first.low][: MOST - 1] or others[:1]
    named = [f"{one.names[0]} makes {_share(one)}" for one in (first, *close)]
    which = listed([one.names[0] for one in (first, *close)])
    return f"Which of {which} matters more is not known yet: of the variation {listed(named)}; {more} may tell"


def _share(one: Portion) -> str:
    low, high = (percent(round(end, 2)).removesuffix(" %") for end in (one.low, one.high))
    return f"{percent(round(one.value, 2))} ({low} to {high} %)"
