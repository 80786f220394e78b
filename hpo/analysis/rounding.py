"""Numbers to as many digits as are known, so that sentences and pictures have the same ones."""

import math


def fixed(found: float, step: float) -> str | None:
    """A number with as many decimals as a step has; None where that makes no number to be read."""
    if not (math.isfinite(found) and math.isfinite(step) and step > 0):
        return None
    if max(abs(found), step) >= 1e7 or abs(found) < 1e-4 > step:
        return None
    decimals = max(0, -math.floor(math.log10(step)))
    return f"{found + 0.0:,.{decimals}f}" if decimals < 8 else None


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
