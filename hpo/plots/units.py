"""Metrics as axes show them: with their unit, accuracies in per cent."""

from collections.abc import Sequence

import numpy as np

from ..analysis.metrics import UNITS, in_percent
from ..analysis.rounding import fixed
from ..analysis.table import Floats


def shown(metric: str, values: Floats) -> Floats:
    """Values in the unit that the axis has."""
    return np.asarray(100.0 * values if in_percent(metric) else values)


def axis_label(metric: str) -> str:
    """'validation accuracy (%)', 'training loss (nats)'."""
    plain = named(metric)
    unit = UNITS.get(metric.partition("@")[0])
    return f"{plain} ({unit})" if unit else plain


def named(metric: str) -> str:
    """A metric in words."""
    return label(metric.replace("_", " "))


def value(metric: str, number: float, digits: int = 4) -> str:
    """One value with its unit: '45.02 %', which no line's end comes between."""
    return f"{shown(metric, np.array([number]))[0]:.{digits}g}" + ("\N{NO-BREAK SPACE}%" if in_percent(metric) else "")


def known(metric: str, number: float, to: float) -> str:
    """A value that is known to so much, no finer than a fifth of that: '93 %', as sentences have it."""
    factor = 100.0 if in_percent(metric) else 1.0
    plain = fixed(factor * number, factor * to / 5) or f"{factor * number:.3g}"
    return plain + ("\N{NO-BREAK SPACE}%" if in_percent(metric) else "")


def difference(metric: str, size: float) -> str:
    """How far two values are apart: '2.8 points' of accuracies, else the number, to 2 digits."""
    plain = f"{shown(metric, np.array([size]))[0]:.2g}"
    return f"{plain}\N{NO-BREAK SPACE}point{'' if plain == '1' else 's'}" if in_percent(metric) else plain


LONGEST = 28


def label(text: str, longest: int = LONGEST) -> str:
    """A user's text as a label: on one line, without invisible characters, cut where it is too long."""
    plain = "".join(letter if letter.isprintable() else " " for letter in str(text))
    return plain if len(plain) <= longest else f"{plain[: longest - 1]}…"


def labels(texts: Sequence[str], longest: int = LONGEST) -> list[str]:
    """Labels of several texts: those that would be cut to the same are cut in the middle, else told apart by number."""
    found = [label(text, longest) for text in texts]
    found = [_middle_out(text, longest) if found.count(short) > 1 else short for text, short in zip(texts, found, strict=True)]
    return [
        f"{short} ({found[:place].count(short) + 1})" if found.count(short) > 1 else short for place, short in enumerate(found)
    ]


def _middle_out(text: str, longest: int) -> str:
    plain = label(text, len(text) + 1)
    head = longest // 2
    return plain if len(plain) <= longest else f"{plain[:head]}…{plain[len(plain) - (longest - head - 1) :]}"
