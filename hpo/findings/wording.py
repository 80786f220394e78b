"""Numbers as a reader wants them: accuracies in percent, everything else to three digits."""

from math import inf, isinf

from .estimate import Estimate


def _percent(metric: str) -> bool:
    name = metric.partition("@")[0]
    return name.endswith("accuracy") or name == "diverged"


def subject(metric: str) -> str:
    """A metric as the subject of a sentence: `validation_accuracy@8` is `Validation accuracy at epoch 8`."""
    name, _, at = metric.partition("@")
    plain = {"diverged": "The share of diverged trials", "seconds": "The time of a trial"}.get(name, name.replace("_", " "))
    return f"{plain[:1].upper()}{plain[1:]}" + (f" at epoch {at}" if at else "")


def amount(metric: str, size: float) -> str:
    """A difference of a metric: `12.1 points` of an accuracy."""
    if isinf(size):
        return "no limit"
    if _percent(metric):
        return f"{100 * size:.3g} point{'' if abs(100 * size) == 1 else 's'}"
    return f"{size:.3g}" + (" s" if metric == "seconds" else "")


def level(metric: str, value: float) -> str:
    """A value of a metric: `45 %` of an accuracy."""
    return f"{100 * value:.3g} %" if _percent(metric) else f"{value:.3g}" + (" s" if metric == "seconds" else "")


def percent(share: float) -> str:
    """A share as percent."""
    return f"{100 * share:.3g} %"


def interval(low: str, high: str) -> str:
    """The interval that belongs to an effect."""
    return f"95 % interval {low} to {high}"


def number(value: float) -> str:
    """Any number, to three digits."""
    return {inf: "no limit", -inf: "no limit"}.get(value, f"{value:.3g}")


def counted(count: int, noun: str) -> str:
    """`1 trial`, `12 trials`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def lower(text: str) -> str:
    """The same in the middle of a sentence."""
    return text[:1].lower() + text[1:]


def outward(estimate: Estimate) -> tuple[float, float]:
    """The interval of an effect whose size alone is told, its direction being told in words."""
    return (estimate.low, estimate.high) if estimate.effect >= 0 else (-estimate.high, -estimate.low)
