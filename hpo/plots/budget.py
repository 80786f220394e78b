"""Kind `budget`: how many trials trained on after each rung, and how many were dropped there."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..analysis.pruning import Pruning, pruning
from ..analysis.table import Table
from .kind import Request, single
from .marks import legend_beside
from .palette import BLUE, GREEN, INK, PALE, VERMILION
from .scales import whole_numbers
from .words import counted, sentences

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_NUMBERS = 10
"""More rungs than that are not written upon."""


def compute(table: Table, request: Request) -> object:
    """What was spent and what was saved."""
    return pruning(table)


def draw(axes: Sequence["Axes"], numbers: Pruning) -> None:
    """All trials as a column of constant height from the first epoch to the last; the part that trains is the budget spent."""
    (plot,) = axes
    at = np.array([0.0, *(rung.at for rung in numbers.rungs)])
    pruned = np.cumsum([rung.pruned for rung in numbers.rungs])
    diverged = np.cumsum([rung.diverged for rung in numbers.rungs])
    completed = np.cumsum([rung.completed for rung in numbers.rungs])
    training = np.array([rung.reached for rung in numbers.rungs])
    before = [np.concatenate([[0], ended[:-1]]) for ended in (completed, diverged, pruned)]
    floor = np.zeros(len(training))
    for part, colour, name in zip(
        (training, *before), (BLUE, GREEN, VERMILION, PALE), ("in training", "completed", "diverged", "pruned"), strict=True
    ):
        if part.any():
            heights = np.append(floor + part, (floor + part)[-1]), np.append(floor, floor[-1])
            plot.fill_between(at, *heights, step="post", color=colour, linewidth=0, label=name, alpha=0.9)
        floor = floor + part
    if len(numbers.rungs) <= MOST_NUMBERS:
        _write_numbers(plot, numbers)
    plot.set_xlim(0, at[-1])
    plot.set_ylim(0, numbers.trials)
    plot.set_xlabel(numbers.axis)
    plot.set_ylabel("trials")
    whole_numbers(plot, "x")
    whole_numbers(plot, "y", 6)
    plot.grid(visible=False)
    legend_beside(plot)


def _write_numbers(plot: "Axes", numbers: Pruning) -> None:
    begin = 0.0
    for rung in numbers.rungs:
        if rung.at > begin and (rung.at - begin) / numbers.rungs[-1].at > 0.045:
            plot.annotate(
                f"{rung.reached:,}", ((begin + rung.at) / 2, rung.reached / 2), ha="center", va="center", color="white",
                fontsize=10, bbox={"boxstyle": "square,pad=0.15", "facecolor": INK, "edgecolor": "none", "alpha": 0.55},
            )  # fmt: skip
        begin = rung.at


def title(numbers: Pruning, metric: str) -> str:
    """The question that the picture answers."""
    return "How much training did pruning save?"


def caption(numbers: Pruning) -> str:
    """The trials, what was dropped at each rung, and the share that it saved."""
    plural = f"{numbers.axis}s"
    dropped = [
        f"{rung.pruned:,} pruned"
        + (f" and {rung.diverged:,} diverged" if rung.diverged else "")
        + f" at {numbers.axis} {rung.at:,.15g}"
        for rung in numbers.rungs
        if rung.pruned
    ]
    return sentences(
        f"{counted(numbers.trials)} that reported",
        f"{numbers.spent:,.0f} of {numbers.full:,.0f} {plural} trained, {100 * numbers.saved:.0f} % saved",
        "; ".join(dropped) if 0 < len(dropped) <= 6 else None,
    )


layout = single(3.8)
