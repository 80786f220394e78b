"""Numbers to as many digits as are known."""

import math

from ..analysis.metrics import in_percent
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
    if not (math.isfinite(found) and math.isfinite(step) and step > 0):
        return number(found)
    if max(abs(found), step) >= 1e7 or abs(found) < 1e-4 > step:
        return number(found)
    decimals = max(0, -math.floor(math.log10(step)))
    return f"{found + 0.0:,.{decimals}f}" if decimals < 8 else number(found)


def inward(low: float, high: float, middle: float, digits: int = 2) -> tuple[str, str, str]:
    """Ends and the middle of a range of a parameter to few digits, as many as keep the ends inside and around the middle."""
    for count in range(digits, 8):
        ends = _cut(low, count, up=True), _cut(high, count, up=False)
        inside = float(f"{middle:.{count}g}")
        if ends[0] <= inside <= ends[1]:
            return number_of(ends[0]), number_of(ends[1]), number_of(inside)
    return number_of(low), number_of(high), number_of(middle)


def _cut(found: float, digits: int, *, up: bool) -> float:
    """The nearest number of so many digits above, or below."""
    rounded = float(f"{found:.{digits}g}")
    if found == 0 or rounded == found or (rounded > found) == up:
        return rounded
    step = 10.0 ** (math.floor(math.log10(abs(found))) - digits + 1)
    return float(f"{rounded + (step if up else -step):.{digits}g}")


def number_of(found: float) -> str:
    """A value of a parameter, as a study file has it."""
    return str(int(found)) if found == int(found) and abs(found) < 1e6 else f"{found:.6g}"
