"""Numbers as a reader wants them: hpo's own accuracies in percent, everything else to three digits."""

from collections.abc import Sequence
from math import inf, isinf

from ..analysis.metrics import TRAINED, in_percent
from .estimate import Estimate


def subject(metric: str) -> str:
    """A metric as the subject of a sentence: `validation_accuracy@8` is `Validation accuracy at epoch 8`.

    What somebody else's study reports by step is not by epoch, as far as hpo knows.
    """
    name, _, at = metric.partition("@")
    plain = {"diverged": "The share of diverged trials", "seconds": "The time of a trial"}.get(name, name.replace("_", " "))
    return f"{plain[:1].upper()}{plain[1:]}" + (f" at {'epoch' if name in TRAINED else 'step'} {at}" if at else "")


def amount(metric: str, size: float) -> str:
    """A difference of a metric: `12.1 points` of an accuracy."""
    if in_percent(metric) and not isinf(size):
        return f"{number(100 * size)} point{'' if number(100 * size) == '1' else 's'}"
    return number(size) + _unit(metric, size)


def level(metric: str, value: float) -> str:
    """A value of a metric: `45 %` of an accuracy."""
    return percent(value) if in_percent(metric) else number(value) + _unit(metric, value)


def _unit(metric: str, value: float) -> str:
    return " s" if metric == "seconds" and not isinf(value) else ""


def percent(share: float) -> str:
    """A share as percent."""
    return f"{number(100 * share)} %"


def interval(low: str, high: str) -> str:
    """The interval of an effect, its unit named once."""
    number_, _, unit = low.partition(" ")
    once = number_ if unit and unit == high.partition(" ")[2] and "limit" not in unit else low
    return f"95 % interval {once} to {high}"


def number(value: float) -> str:
    """Any number, to three digits, without an exponent where a reader can do without."""
    if isinf(value):
        return {inf: "no limit", -inf: "no limit"}[value]
    return f"{value:,.0f}" if 1e3 <= abs(value) < 1e7 else f"{value + 0.0:.3g}"


def counted(count: int, noun: str) -> str:
    """`1 trial`, `12 trials`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def evidence(networks: Sequence[int]) -> str:
    """`3 of evidence with 8 networks each`, of trials after the search with so many networks."""
    least, most = min(networks), max(networks)
    each = counted(most, "network") if least == most else f"{least:,} to {counted(most, 'network')}"
    return f"{len(networks):,} of evidence with {each}{' each' if len(networks) > 1 else ''}"


def lower(text: str) -> str:
    """The same in the middle of a sentence."""
    return text[:1].lower() + text[1:]


def outward(estimate: Estimate) -> tuple[float, float]:
    """The interval of an effect whose size alone is told, its direction being told in words."""
    return (estimate.low, estimate.high) if estimate.effect >= 0 else (-estimate.high, -estimate.low)
