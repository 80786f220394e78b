"""Trials as marks on axes. In a report each mark leads to its trial."""

from collections.abc import Iterable, Sequence
from math import ceil
from typing import TYPE_CHECKING, Any

import numpy as np

from ..analysis.table import Floats, Integers, Truths
from .kind import NARROW
from .palette import MARKERS, OUTCOMES

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.collections import PathCollection
    from matplotlib.legend import Legend
    from matplotlib.lines import Line2D

SHORT = 60
"""Letters that four entries side by side may have together."""
TEXTS = {"evidence": "after the search, on fresh seeds"}
"""What an outcome is called in a legend."""
MOST_LINKS = 1000
"""More marks than that are drawn as pixels also where everything else is lines, so that files stay small."""
SIZES = {"completed": 26.0, "evidence": 24.0, "pruned": 34.0, "diverged": 22.0, "error": 26.0}


def link(number: int) -> str:
    """Where a trial's mark leads to in a report."""
    return f"#trial-{number}"


def mark(axes: "Axes", x: Floats, y: Floats, numbers: Integers, outcome: str, **style: Any) -> "PathCollection":
    """Draw trials of one outcome. Of many trials each is drawn smaller, paler and without an edge."""
    shrink = crowding(len(x))
    width = style.pop("linewidths", 1.2 if outcome in ("diverged", "error") else 0.0)
    given = {} if {"c", "color"} & style.keys() else {"color": OUTCOMES[outcome]}
    fixed = {"marker": MARKERS[outcome], "zorder": 3, "rasterized": len(x) > MOST_LINKS, "alpha": max(0.3, shrink)}
    drawn = axes.scatter(x, y, **{**given, **fixed, "s": SIZES[outcome] * shrink, "linewidths": width * shrink**2, **style})
    if len(x) <= MOST_LINKS:
        drawn.set_urls([link(int(number)) for number in numbers])
    return drawn


def crowding(count: int) -> float:
    """By how much a mark shrinks among so many: 1 up to 200, a seventh from 10,000."""
    return float(np.clip((200 / max(count, 1)) ** 0.5, 0.15, 1.0))


def legend_entry(outcome: str, text: str | None = None) -> "Line2D":
    """What stands for an outcome in a legend."""
    from matplotlib.lines import Line2D

    return Line2D(
        [],
        [],
        linestyle="",
        marker=MARKERS[outcome],
        color=OUTCOMES[outcome],
        markersize=6,
        label=text or TEXTS.get(outcome, outcome),
    )


def outcome_legend(
    axes: "Axes", outcomes: Iterable[str], more: Iterable["Artist"] = (), *, pruned: str | None = None
) -> "Legend | None":
    """Above the axes a legend of the outcomes that occur, and of what else is drawn; `pruned`: what is said of those."""
    present = set(outcomes)
    entries = [legend_entry(name, pruned if name == "pruned" else None) for name in OUTCOMES if name in present]
    handles = [*entries, *more]
    return legend_above(axes, handles) if len(handles) > 1 else None


def legend_above(axes: "Axes", handles: Sequence["Artist"], columns: int | None = None) -> "Legend":
    """A legend that may be wider than its axes: the layout keeps lines for it, not a column."""
    from matplotlib.transforms import blended_transform_factory

    figure, wide = axes.get_figure(root=True), not is_narrow(axes)
    assert figure is not None
    columns = columns or min(len(handles), (4 if len(handles) <= 4 and _short(handles) else 2) if wide else 1)
    # On a narrow one from its left edge on: the axes' own is too far to the right.
    begin = axes.transAxes if wide else blended_transform_factory(figure.transFigure, axes.transAxes)
    legend = axes.legend(handles=handles, loc="lower left", bbox_to_anchor=(0.0, 1.0), bbox_transform=begin, ncols=columns)
    legend.set_in_layout(False)
    title = axes.get_title("left")
    axes.set_title("\n".join([*([title] if title else []), *[" "] * ceil(len(handles) / columns)]), fontsize=11, linespacing=1.42)
    return legend


def legend_beside(axes: "Axes", **style: Any) -> None:
    """What has a label, to the right of the axes; above them on a narrow page."""
    if is_narrow(axes):
        legend_above(axes, style.get("handles") or axes.get_legend_handles_labels()[0])
    else:
        axes.legend(loc="upper left", bbox_to_anchor=(1.01, 1.0), **style)


def is_narrow(axes: "Axes") -> bool:
    """Whether they belong to a figure for a narrow page."""
    figure = axes.get_figure(root=True)
    return figure is not None and figure.get_figwidth() <= NARROW


def _short(handles: Sequence["Artist"]) -> bool:
    return sum(len(str(one.get_label())) for one in handles) <= SHORT


def rows_of(outcomes: Iterable[str]) -> dict[str, Truths]:
    """A mask for each outcome that occurs, the completed last, so that they lie on top."""
    known = np.asarray(list(outcomes))
    return {name: known == name for name in ("pruned", "error", "diverged", "completed", "evidence") if (known == name).any()}
