"""The mean of a study's model over two parameters as colours, hatched where it is little known and where training breaks."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from ..analysis.points import Points
from ..analysis.surface import Surface
from ..analysis.table import Floats, Unanswered
from .palette import GREY, PAPER, VERMILION, objective_map
from .units import difference, shown
from .words import counted

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.cm import ScalarMappable

LEVELS = 11
HALF = 0.5
"""Chance to diverge from which on a place is marked."""
UNKNOWN, BREAKS = "///", "xx"
"""Hatchings."""
FEWEST = 0.01
"""Share of the picture below which a hatching would not be seen, and is left out."""


def scale_of(found: Surface | Unanswered, ended: Points) -> tuple[float, float] | None:
    """The ends of the colours, in the unit that is shown: of the surface, else of the trials. None: all are equal."""
    values = found.mean if isinstance(found, Surface) else ended.values[ended.whole & np.isfinite(ended.values)]
    if not values.size or np.ptp(values) == 0:
        return None
    low, high = shown(ended.metric, np.array([values.min(), values.max()])).tolist()
    return low, high


def colours_of(scale: tuple[float, float], *, maximise: bool) -> "ScalarMappable":
    """A colour for each round step between two ends; what lies beyond has the colour of the end."""
    from matplotlib import colormaps
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import BoundaryNorm
    from matplotlib.ticker import MaxNLocator

    name = objective_map(maximise)
    return ScalarMappable(BoundaryNorm(MaxNLocator(LEVELS).tick_values(*scale), colormaps[name].N, extend="both"), name)


def draw_surface(plot: "Axes", found: Surface, metric: str, colours: "ScalarMappable") -> None:
    """Colours everywhere; hatchings upon them."""
    steps = colours.norm.boundaries  # type: ignore[attr-defined]  # of a BoundaryNorm
    plot.contourf(
        found.x, found.y, shown(metric, found.mean), levels=steps, cmap=colours.cmap, norm=colours.norm, extend="both", zorder=0
    )
    if little_known(found):
        _hatch(plot, found, found.reach, found.known_within, UNKNOWN, PAPER)
    if breaks(found):
        assert found.divergence is not None
        _hatch(plot, found, found.divergence, HALF, BREAKS, VERMILION)
        if found.divergence.min() < HALF:
            plot.contour(found.x, found.y, found.divergence, levels=[HALF], colors=VERMILION, linewidths=2, zorder=2)
    plot.grid(visible=False)


def _hatch(plot: "Axes", found: Surface, values: Floats, above: float, pattern: str, colour: str) -> None:
    drawn = plot.contourf(found.x, found.y, values, levels=[above, np.inf], colors="none", hatches=[pattern], zorder=1)
    drawn.set_edgecolor(colour)
    drawn.set_linewidth(0.0)


def little_known(found: Surface) -> bool:
    """Whether a part of the surface is hatched as that."""
    return bool((found.reach > found.known_within).mean() >= FEWEST)


def breaks(found: Surface) -> bool:
    """Whether a part of it is hatched because trials diverge there."""
    return found.divergence is not None and bool((found.divergence > HALF).mean() >= FEWEST)


def entries(found: Surface, metric: str) -> Iterator["Artist"]:
    """Its hatchings in a legend."""
    from matplotlib.patches import Patch

    style = {"facecolor": "none", "linewidth": 0.0}
    if little_known(found):
        text = f"not known to within {difference(metric, found.known_within)}"
        yield Patch(**style, edgecolor=GREY, hatch=UNKNOWN, label=text)  # type: ignore[arg-type]  # a mixture of types
    if breaks(found):
        yield Patch(**style, edgecolor=VERMILION, hatch=BREAKS, label="more likely to diverge than not")  # type: ignore[arg-type]


def about(found: Surface, metric: str) -> str | None:
    """What is to be said of it besides, for a caption."""
    least, high = float(found.reach.min()), float(np.ptp(found.mean))
    far = f"{counted(found.drawn_in, 'value')} far out {'is' if found.drawn_in == 1 else 'are'} drawn in"
    parts = [
        f"the surface is an average over the {counted(found.others, 'other parameter')}" if found.others else None,
        f"it rests on {_trials(found)}" if found.trials < found.of else None,
        far if found.drawn_in else None,
        None if little_known(found) else f"the mean is known to within {difference(metric, float(found.reach.max()))} everywhere",
        f"the surface is {difference(metric, high)} high, and known to within {difference(metric, least)} at best"
        if least > high
        else None,
    ]
    return "; ".join(filter(None, parts)) or None


def _trials(found: Surface) -> str:
    pruned = f" and {found.pruned:,} pruned" if found.pruned else ""
    return f"{found.trials:,} of {found.of:,} completed{pruned} trials, drawn at random"
