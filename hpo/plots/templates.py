"""Kind `templates`: the weights of a linear classifier as images, one for each class."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..analysis.table import Table, Unanswered
from ..analysis.tested import Templates, templates
from .kind import Layout, Request
from .units import label
from .words import sentences

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLUMNS = 5
MOST = 20


def compute(table: Table, request: Request) -> Templates | Unanswered:
    """The weights of the tested network."""
    return request.tested if isinstance(request.tested, Unanswered) else templates(request.tested)


def draw(axes: Sequence["Axes"], numbers: Templates) -> None:
    """Each template stretched to its own range; of one channel in a scale from blue over white to red, white at zero."""
    for plot, weights, name in zip(axes, numbers.weights, numbers.classes, strict=False):
        if len(weights) == 1:
            reach = float(np.abs(weights).max()) or 1.0
            plot.imshow(weights[0], cmap="RdBu_r", vmin=-reach, vmax=reach, interpolation="nearest")
        else:
            low, high = float(weights.min()), float(weights.max())
            plot.imshow(np.moveaxis((weights - low) / ((high - low) or 1.0), 0, -1), interpolation="nearest")
        plot.set_title(label(name, 14), fontsize=10)
        plot.set_axis_off()


def title(numbers: Templates, metric: str) -> str:
    """The question that the picture answers."""
    return "What does the tested network look for in each class?"


def caption(numbers: Templates) -> str:
    """The classes."""
    left_out = len(numbers.classes) - MOST
    return sentences(
        f"weights of trial {numbers.trial}'s network after its final training",
        f"{len(numbers.classes)} classes, each stretched to its own range",
        f"{left_out} left out" if left_out > 0 else None,
    )


def layout(numbers: Templates) -> Layout:
    """Five beside each other."""
    letters = "ABCDEFGHIJKLMNOPQRST"[: len(numbers.classes)]
    rows = tuple(letters[start : start + COLUMNS].ljust(COLUMNS, ".") for start in range(0, len(letters), COLUMNS))
    return Layout(rows, 0.5 + 1.8 * len(rows))
