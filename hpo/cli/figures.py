"""Numbers as the tables print them."""

from collections.abc import Mapping
from typing import Any

PER_CENT = frozenset({"validation_accuracy", "validation_balanced_accuracy"})
"""Metrics that are stored as a share and printed in per cent."""

COUNTED = frozenset({"parameters", "multiply_adds"})
"""Metrics that are whole numbers."""
LARGE = 1e7


def significant(value: Any) -> str:
    """A number with 4 significant digits, fewer where that is all of it, whole numbers as they are, anything else as its text."""
    if isinstance(value, bool) or not isinstance(value, float):
        return str(value)
    short = f"{value:.4g}"
    return short if float(short) == value else _four(value)


def _four(value: float) -> str:
    return f"{value:#.4g}".removesuffix(".")


def measured(value: float | None, metric: str) -> str:
    """A value of a metric, with 4 significant digits; accuracies in per cent."""
    if value is None:
        return ""
    if metric in COUNTED:
        return f"{value:,.0f}" if value < LARGE else f"{value:.3e}"
    return _four(100.0 * value if metric in PER_CENT else float(value))


def heading(metric: str) -> str:
    """A metric's name over a column."""
    return metric.replace("_", " ") + (" %" if metric in PER_CENT else "")


def counted(number: int, noun: str) -> str:
    """'1 trial', '20 trials'."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def progressed(told: int, planned: int) -> str:
    """'0 of 1 trial', '2 of 4 trials'."""
    return f"{told:,} of {counted(planned, 'trial')}"


def lasting(seconds: float) -> str:
    """A duration for people: '8 s', '4 min', '1 h 20 min'."""
    if seconds < 99.5:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 100 else f"{minutes // 60} h {minutes % 60} min"


def outcome_counts(outcomes: Mapping[str, int]) -> list[str]:
    """'8 completed', '2 diverged': those that occur, in a fixed order."""
    return [f"{outcomes[name]} {name}" for name in ("completed", "pruned", "diverged", "error") if outcomes.get(name)]
