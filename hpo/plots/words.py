"""The parts of captions."""

from collections.abc import Iterable, Sequence

import numpy as np

from ..analysis.points import Points
from .units import label

ORDER = ("completed", "pruned", "diverged", "error", "unfinished")


def counted(count: int, noun: str = "trial") -> str:
    """'1 trial', '10,000 trials'."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def outcomes(found: Sequence[str] | Iterable[str]) -> str:
    """'7 completed, 39 pruned, 4 diverged'."""
    names = list(map(str, found))
    return ", ".join(f"{names.count(name):,} {name}" for name in ORDER if name in names)


def who(points: Points) -> str:
    """'50 trials (7 completed, 39 pruned, 4 diverged)', and how many are not, or not everywhere, in the picture."""
    parts = [
        f"{counted(len(points.numbers))} ({outcomes(points.outcomes)})",
        _lacking(points),
        f"{points.unfinished:,} that have not ended left out" if points.unfinished else "",
    ]
    return "; ".join(filter(None, parts))


def _lacking(points: Points) -> str:
    """'19 of them have no depth, 21 no c'."""
    counts = [(int(np.isnan(column.values).sum()), label(column.name, 20)) for column in points.columns]
    told = [
        f"{count:,} {'of them have no' if not place else 'no'} {name}"
        for place, (count, name) in enumerate(filter(lambda one: one[0], counts))
    ]
    return ", ".join(told)


def sentences(*parts: str | None) -> str:
    """Parts as sentences, empty ones left out."""
    return " ".join(f"{part[:1].upper()}{part[1:]}." for part in parts if part)
