"""What three other estimators say of importance, side by side: a comparison that `--estimators` asks for."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..analysis.importance import METHODS, Importance, importance
from ..analysis.table import Table, Unanswered
from .kind import Layout, Request, answered, objective
from .palette import series
from .units import label
from .words import counted, sentences

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST = 12
"""Parameters shown."""
NAMES = {"ped-anova": "PED-ANOVA", "fanova": "fANOVA", "mean-decrease-impurity": "mean decrease impurity"}
MARKERS = ("o", "s", "D")


def compare(table: Table, request: Request) -> tuple[Importance, ...] | Unanswered:
    """Importance by every method that has an answer."""
    place = objective(table, request)
    found = {method: importance(table, method, place) for method in METHODS}
    known = tuple(answered(found).values())
    if known and len(order(known)) == 1:
        return Unanswered(f"{order(known)[0]} is the only parameter that was varied")
    return known or next(one for one in found.values() if isinstance(one, Unanswered))


def draw(axes: Sequence["Axes"], numbers: tuple[Importance, ...]) -> None:
    """A row for each parameter, the most important on top; in it a mark with its interval for each method."""
    (plot,) = axes
    names = order(numbers)[:MOST]
    for place, one in enumerate(numbers):
        shares = {share.parameter: share for share in one.shares}
        rows = np.array([row for row, name in enumerate(names) if name in shares], dtype=np.float64)
        values, low, high = np.array([shares[name][1:] for name in names if name in shares]).reshape(-1, 3).T * 100
        plot.errorbar(
            values, rows + 0.22 * (place - (len(numbers) - 1) / 2), xerr=np.abs([values - low, high - values]),
            fmt=MARKERS[place], color=series(place), markersize=6, capsize=3, linewidth=1.4, label=NAMES[one.method],
        )  # fmt: skip
    plot.set_yticks(range(len(names)), [label(name) for name in names])
    plot.set_ylim(len(names) - 0.5, -0.5)
    plot.set_xlim(-2, 102)
    plot.set_xlabel("share of the importance of all parameters (%)")
    plot.grid(axis="y", visible=False)
    if len(numbers) > 1:
        plot.legend(loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=3)


def order(numbers: tuple[Importance, ...]) -> list[str]:
    """Parameters by their mean share over the methods that know them, the largest first."""
    found: dict[str, list[float]] = {}
    for one in numbers:
        for share in one.shares:
            found.setdefault(share.parameter, []).append(share.value)
    return sorted(found, key=lambda name: (-float(np.mean(found[name])), name))


def caption(numbers: tuple[Importance, ...]) -> str:
    """The trials, what the lines are, and how far to trust them."""
    hidden, first = len(order(numbers)) - MOST, numbers[0]
    used = min(one.trials for one in numbers)
    sample = f", at least {used:,} of them drawn at random for each method" if used < first.of else ""
    pruned = f" and {first.carried:,} pruned" if first.carried else ""
    return sentences(
        f"{first.of:,} completed{pruned} trials{sample}" if pruned else f"{counted(first.of, 'completed trial')}{sample}",
        "pruned ones count by what they may have come to, which widens the lines" if pruned else None,
        f"{first.left_out:,} pruned or diverged left out: this is what matters among the others" if first.left_out else None,
        "lines: 95 % intervals over resampled trials",
        *unjudged(numbers),
        f"the {hidden} least important parameters are left out" if hidden > 0 else None,
        _caution(numbers),
    )


def unjudged(numbers: tuple[Importance, ...]) -> Iterator[str]:
    """Which parameters which method says nothing of, and why."""
    missing = [NAMES[method] for method in METHODS if method not in {one.method for one in numbers}]
    if missing:
        yield f"no answer by {' and '.join(missing)}: no parameter that varies is in every trial"
    reasons: dict[str, dict[str, list[str]]] = {}
    for one in numbers:
        for name, reason in one.unjudged.items():
            reasons.setdefault(reason, {}).setdefault(label(name), []).append(NAMES[one.method])
    for reason, names in reasons.items():
        methods = sorted({method for found in names.values() for method in found})
        by = "" if len(methods) == len(numbers) else f" by {' and '.join(methods)}"
        yield f"not judged{by}: {', '.join(names)}, {reason}"


def _caution(numbers: tuple[Importance, ...]) -> str | None:
    """One word of warning for all methods that want more trials."""
    wanted = [f"{NAMES[one.method]} wants {METHODS[one.method].wanted}" for one in numbers if one.warning]
    return f"caution, these are few: {', '.join(wanted)} trials" if wanted else None


def layout(numbers: tuple[Importance, ...]) -> Layout:
    """Higher with more parameters."""
    return Layout(("A",), 1.6 + 0.55 * min(MOST, len(order(numbers))))
