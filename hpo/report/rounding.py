"""Numbers to as many digits as are known."""

from ..analysis.metrics import in_percent
from ..analysis.rounding import fixed
from ..findings.wording import level, number


def value(metric: str, found: float, known_to: float) -> str:
    """A value of a metric, no finer than a fifth of what it is known to: `90.4 %`."""
    if not in_percent(metric):
        return _fixed(found, known_to / 5)
    return f"{_fixed(100 * found, 100 * known_to / 5)} %" if level(metric, found).endswith("%") else number(found)


def values(metric: str, low: float, high: float) -> str:
    """Both ends of an interval, the unit named once: `89.6 to 91.2 %`."""
    first, second = (value(metric, end, high - low) for end in (low, high))
    unit = " %" if first.endswith(" %") and second.endswith(" %") else ""
    return f"{first.removesuffix(unit) if unit else first} to {second}"


def _fixed(found: float, step: float) -> str:
    return fixed(found, step) or number(found)
