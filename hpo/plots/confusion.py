"""Kind `confusion`: which class a network takes for which."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..analysis.table import Table, Unanswered
from ..analysis.tested import Look
from .kind import Request, single
from .palette import INK
from .units import label
from .words import counted, sentences

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_NUMBERS = 20
"""More classes than that are not written upon."""


def compute(table: Table, request: Request) -> Look | Unanswered:
    """The tested network."""
    return request.tested


def draw(axes: Sequence["Axes"], numbers: Look) -> None:
    """Each row in per cent of the images of its class."""
    (plot,) = axes
    shares = 100 * numbers.confusion / np.maximum(numbers.confusion.sum(axis=1, keepdims=True), 1)
    drawn = plot.imshow(shares, cmap="Blues", vmin=0, vmax=100)
    names = [label(name, 14) for name in numbers.classes]
    plot.set_xticks(range(len(names)), names, rotation=45, ha="right", rotation_mode="anchor")
    plot.set_yticks(range(len(names)), names)
    plot.set_xlabel("predicted class")
    plot.set_ylabel("true class")
    plot.grid(visible=False)
    plot.figure.colorbar(drawn, ax=plot, pad=0.02).set_label("of the class (%)")
    if len(names) <= MOST_NUMBERS:
        for (row, column), share in np.ndenumerate(shares):
            if share >= 0.5:
                plot.text(column, row, f"{share:.0f}", ha="center", va="center", fontsize=9, color="white" if share > 55 else INK)


def title(numbers: Look, metric: str) -> str:
    """The question that the picture answers."""
    return "Which class does the tested network take for which?"


def caption(numbers: Look) -> str:
    """The images, and how many were right."""
    right = int(np.trace(numbers.confusion))
    return sentences(
        f"{counted(numbers.images, 'test image')}, {right:,} of them ({100 * numbers.accuracy:.4g} %) right",
        f"by trial {numbers.trial}'s network after its final training",
    )


layout = single(6.4)
