"""The first sentence: which setting to take, how far one may go from it, and what it is worth on a new seed."""

from collections.abc import Iterator, Mapping

from ..analysis.recommendation import Recommendation
from ..analysis.rounding import inward, number_of
from ..analysis.safe_ranges import SafeRange
from ..analysis.table import Column, Table, Unanswered
from ..findings.wording import lower, subject
from .rounding import value, values
from .wording import MOST_SETTINGS, a, listed

Safe = Mapping[str, SafeRange]


def advice(table: Table, best: Recommendation, safe: Safe | Unanswered) -> str:
    """Without its full stop."""
    ranges: Safe = {} if isinstance(safe, Unanswered) else safe
    parts = list(_parts(table, best, ranges))
    more = len(parts) - MOST_SETTINGS
    taken = listed([*parts[:MOST_SETTINGS], *([f"{more} more as in the report"] if more > 0 else [])])
    worth = f"{a(lower(subject(table.metric)))} of {value(table.metric, best.expected, best.high - best.low)}"
    return f"Take {taken}; expect {worth} on a new seed (95 % interval {values(table.metric, best.low, best.high)})"


def _parts(table: Table, best: Recommendation, safe: Safe) -> Iterator[str]:
    """The parameters that matter first, then those of which any value will do."""
    named = [(table.columns[name], at, safe.get(name)) for name, at in best.settings.items()]
    yield from (_taken(column, at, one) for column, at, one in named if one is None or not one.whole)
    yield from (_any(column) for column, _, one in named if one is not None and one.whole)


def _taken(column: Column, at: float, safe: SafeRange | None) -> str:
    if not column.numeric:
        return _chosen(column, at, safe)
    if safe is None or safe.low == safe.high:
        return f"{column.name} {inward(at, at, at)[2]}"
    low, high, middle = inward(safe.low, safe.high, at)
    return f"{column.name} between {low} and {high} ({middle} is the best guess)" if low != high else f"{column.name} {middle}"


def _chosen(column: Column, at: float, safe: SafeRange | None) -> str:
    best = column.names[int(at)]
    others = [column.names[code] for code in (safe.choices if safe else ()) if code != int(at)]
    as_good = f" ({listed(others)} will do as well)" if others else ""
    return f"{column.name} {best}{as_good}"


def _any(column: Column) -> str:
    if not column.numeric:
        return f"any {column.name}"
    return f"any {column.name} from {number_of(column.low)} to {number_of(column.high)}"
