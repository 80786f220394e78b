"""The parts of captions."""

from collections.abc import Iterable, Sequence

import numpy as np

from ..analysis.points import Points
from ..analysis.table import Column
from .units import label

ORDER = ("completed", "pruned", "diverged", "error", "unfinished")


def counted(count: int, noun: str = "trial") -> str:
    """'1 trial', '10,000 trials'."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def trials_of(completed: int, pruned: int, after: int) -> str:
    """'7 completed and 43 pruned trials, and 1 after the search', '12 completed trials'."""
    search = f"{completed:,} completed and {pruned:,} pruned trials" if pruned else counted(completed, "completed trial")
    return search + (f", and {after:,} after the search" if after else "")


def outcomes(found: Sequence[str] | Iterable[str]) -> str:
    """'7 completed, 39 pruned, 4 diverged'."""
    names = list(map(str, found))
    return ", ".join(f"{names.count(name):,} {name}" for name in ORDER if name in names)


def who(points: Points) -> str:
    """'50 trials (7 completed, 39 pruned, 4 diverged)', and how many are not, or not everywhere, in the picture."""
    after = int((points.outcomes == "evidence").sum())
    parts = [
        f"{counted(len(points.numbers) - after)} ({outcomes(points.outcomes)})"
        + (f" and {after:,} after the search" if after else ""),
        _lacking(points),
        _unfinished(points.unfinished),
        _unseen(int(points.unseen.sum())),
    ]
    return "; ".join(filter(None, parts))


def _unfinished(count: int) -> str:
    return f"{count:,} that {'has' if count == 1 else 'have'} not ended left out" if count else ""


def _unseen(count: int) -> str:
    return f"{count:,} pruned that the model does not rest on left out" if count else ""


def _lacking(points: Points) -> str:
    """'19 of them have no depth, 21 no c'."""
    counts = [(int(np.isnan(column.values).sum()), label(column.name, 20)) for column in points.columns]
    first, *others = [one for one in counts if one[0]] or [(0, "")]
    begin = f"{first[0]:,} of them {'has' if first[0] == 1 else 'have'} no {first[1]}" if first[0] else ""
    return ", ".join([begin, *(f"{count:,} no {name}" for count, name in others)])


def among(columns: Sequence[Column]) -> str:
    """Parameters in a question: 'eta', 'eta and lambda', 'eta, lambda and 3 others'."""
    names = [label(column.name) for column in columns]
    shown = names if len(names) <= 3 else [*names[:2], f"{len(names) - 2} others"]
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"


def sentences(*parts: str | None) -> str:
    """Parts as sentences, empty ones left out."""
    return " ".join(f"{part[:1].upper()}{part[1:]}." for part in parts if part)
