"""Kind `importance`: how much of the variation each parameter makes, by the model of the study, with intervals."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..analysis.importance import Importance
from ..analysis.shares import Portion, Shares, shares
from ..analysis.table import Table, Unanswered
from . import estimators
from .kind import Layout, Request, objective
from .palette import BLUE, INK, SKY
from .units import label
from .words import sentences, trials_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST = 12
"""Bars."""
Numbers = Shares | tuple[Importance, ...]


def compute(table: Table, request: Request) -> Numbers | Unanswered:
    """Shares of the variation; with `request.estimators` what other estimators say."""
    if request.estimators:
        return estimators.compare(table, request)
    found = shares(table, objective(table, request))
    if isinstance(found, Shares) and len(found.mains) == 1:
        return Unanswered(f"{found.mains[0].names[0]} is the only parameter that was varied")
    return found


def draw(axes: Sequence["Axes"], numbers: Numbers) -> None:
    """A bar with its interval for each parameter, the most important on top, and one for the largest pair."""
    if isinstance(numbers, Shares):
        draw_bars(axes[0], numbers, MOST)
    else:
        estimators.draw(axes, numbers)


def draw_bars(plot: "Axes", found: Shares, most: int) -> None:
    """At most so many; a pair in a lighter colour, as what it makes beyond its two."""
    bars = bars_of(found, most)
    values, low, high = 100 * np.array([(one.value, one.low, one.high) for one in bars]).T
    colours = [BLUE if len(one.names) == 1 else SKY for one in bars]
    plot.barh(range(len(bars)), values, height=0.62, color=colours, zorder=2)
    plot.errorbar(
        values,
        range(len(bars)),
        xerr=np.maximum([values - low, high - values], 0.0),
        fmt="none",
        ecolor=INK,
        elinewidth=1.5,
        capsize=4,
        zorder=3,
    )
    plot.set_yticks(range(len(bars)), [name_of(one) for one in bars])
    plot.set_ylim(len(bars) - 0.4, -0.6)
    plot.set_xlim(0, 102)
    plot.set_xlabel("share of the variation over the space (%)")
    plot.grid(axis="y", visible=False)


def bars_of(found: Shares, most: int = MOST) -> list[Portion]:
    """The parameters that make the most, and the pair that makes the most beyond its two."""
    return [*found.mains[:most], *found.pairs[:1]]


def name_of(portion: Portion) -> str:
    """'eta', 'eta with lambda' on two lines."""
    return "\nwith ".join(label(name, 20) for name in portion.names)


def title(numbers: Numbers, metric: str) -> str:
    """The question that the picture answers."""
    return f"Which parameter matters most for {metric}?"


def caption(numbers: Numbers) -> str:
    """The trials, and what the lines are."""
    if not isinstance(numbers, Shares):
        return estimators.caption(numbers)
    left = len(numbers.mains) - MOST
    return sentences(
        trials_of(numbers.trials, numbers.pruned, numbers.evidence),
        "; ".join(
            filter(None, ["lines: 95 % intervals", f"the {left} least important parameters are left out" if left > 0 else None])
        ),
    )


def layout(numbers: Numbers) -> Layout:
    """Higher with more bars."""
    return Layout(("A",), 1.3 + 0.55 * len(bars_of(numbers))) if isinstance(numbers, Shares) else estimators.layout(numbers)
