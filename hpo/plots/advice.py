"""What a study advises, as marks: the recommended setting, what is safe around it, and the best-looking trial with its worth."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ..analysis.points import Points
from ..analysis.recommendation import Recommendation
from ..analysis.safe_ranges import SafeRange
from ..analysis.safe_region import SURE, SafeRegion
from ..analysis.table import Column, Unanswered
from .palette import GREEN, INK, PAPER
from .scales import room
from .units import difference, known, value

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

STAR: Mapping[str, Any] = {
    "linestyle": "", "marker": "*", "markersize": 16.0, "markerfacecolor": PAPER, "markeredgecolor": INK, "markeredgewidth": 1.2,
}  # fmt: skip
RING: Mapping[str, Any] = {"linestyle": "", "marker": "o", "markersize": 12.0, "markerfacecolor": "none"}
DASHED: Mapping[str, Any] = {"color": INK, "linewidth": 1.6, "linestyle": (0, (4, 2))}
STRIP = 0.22
"""Opacity of what is safe along an axis."""
LUCK = 0.5
"""Share of the tolerance by which a trial must look better than its setting is worth, to be called lucky."""


def draw_recommended(plot: "Axes", x: float, y: float) -> None:
    """A white star."""
    plot.plot(x, y, **STAR, zorder=7)


def recommended_entry(found: Recommendation, metric: str) -> "Artist":
    """The star in a legend, with what to expect."""
    from matplotlib.lines import Line2D

    return Line2D([], [], **{**STAR, "markersize": 12.0}, label=recommended_text(found, metric))


def draw_best_looking(plot: "Axes", x: float, y: float) -> None:
    """A ring."""
    for colour, width in ((PAPER, 4.0), (INK, 2.0)):
        plot.plot(x, y, **RING, markeredgecolor=colour, markeredgewidth=width, zorder=6)


def best_looking_entry(found: Recommendation | Unanswered, ended: Points, best: int) -> "Artist":
    """The ring in a legend: what the trial in that place showed and what its setting is worth, where that is known."""
    from matplotlib.lines import Line2D

    text = best_looking_text(found, ended, best)
    return Line2D([], [], **RING, markeredgecolor=INK, markeredgewidth=2.0, label=text)


def recommended_text(found: Recommendation, metric: str) -> str:
    """'recommended: 89.5 % on a new seed'."""
    return f"recommended: {known(metric, found.expected, found.high - found.low)} on a new seed"


def best_looking_text(found: Recommendation | Unanswered, ended: Points, best: int) -> str:
    """'lucky: trial 38 showed 94.2 %, is worth 88.4 %'."""
    number, showed = int(ended.numbers[best]), float(ended.values[best])
    if isinstance(found, Unanswered) or found.best != showed:
        return f"best-looking: trial {number}, {value(ended.metric, showed)}"
    lucky = (showed - found.best_expected) * (1 if ended.maximise else -1) > LUCK * found.noise
    begin = f"lucky: trial {number} showed" if lucky else f"best-looking: trial {number},"
    worth = known(ended.metric, found.best_expected, found.best_high - found.best_low)
    return f"{begin} {value(ended.metric, showed)}, is worth {worth}"


def draw_region(plot: "Axes", found: SafeRegion) -> None:
    """The outline of what is safe."""
    for colour, width in ((PAPER, 4.5), (INK, 2.0)):
        plot.contour(found.x, found.y, found.chance, levels=[SURE], colors=colour, linewidths=width, zorder=5)


def region_entries(found: SafeRegion | Unanswered, metric: str) -> Iterator["Artist"]:
    """The outline in a legend, where there is one."""
    from matplotlib.lines import Line2D

    if isinstance(found, SafeRegion) and outlined(found):
        text = f"safe inside: costs at most {difference(metric, found.tolerance)}, 95 % sure"
        yield Line2D([], [], color=INK, linewidth=2.0, label=text)


def outlined(found: SafeRegion) -> bool:
    """Whether a part of the picture is safe and another not."""
    return bool(found.inside.any() and not found.inside.all())


def draw_recommended_value(plot: "Axes", at: float) -> None:
    """A dashed line across the axes."""
    plot.axvline(at, **DASHED, zorder=2.5)


def recommended_line(found: Recommendation, metric: str) -> "Artist":
    """The line in a legend, with what to expect."""
    from matplotlib.lines import Line2D

    return Line2D([], [], **DASHED, label=recommended_text(found, metric))


def draw_safe(plot: "Axes", column: Column, found: SafeRange) -> None:
    """A strip over the safe values; one over each safe choice."""
    half = 0.5 * room(column)
    ends = [(code - 0.45, code + 0.45) for code in found.choices] or [(found.low - half, found.high + half)]
    for low, high in ends:
        plot.axvspan(low, high, color=GREEN, alpha=STRIP, linewidth=0, zorder=0.5)


def safe_entry(metric: str, tolerance: float) -> "Artist":
    """A strip in a legend."""
    from matplotlib.patches import Patch

    text = f"safe: costs at most {difference(metric, tolerance)}, 95 % sure"
    return Patch(facecolor=GREEN, alpha=STRIP, linewidth=0, label=text)
