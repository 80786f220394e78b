"""Kind `stages`: how the box that trials are drawn from narrows, over the trials of each stage."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..analysis.points import Points, points
from ..analysis.table import Column, Table, Unanswered
from .kind import Request, chosen, objective, single
from .marks import MOST_LINKS, crowding, legend_beside, link
from .palette import INK, MARKERS, PAPER, series
from .scales import along
from .units import label, value
from .words import among, counted, sentences, who

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def compute(table: Table, request: Request) -> Points | Unanswered:
    """The trials over two parameters, or over the only one that can be boxed."""
    if not any(table.stages):
        return Unanswered("the study has no stages")
    if len(set(table.stages)) == 1 and not any(table.boxes.values()):
        return Unanswered("its only stage draws from the whole space")
    names = chosen(table, request, 2, numeric=True)
    return points(table, names, objective(table, request)) if names else Unanswered("no parameter with an order was varied")


def draw(axes: Sequence["Axes"], numbers: Points) -> None:
    """Trials and boxes in one colour for each stage; with one parameter, a row for each stage."""
    (plot,) = axes
    stages = list(numbers.boxes)
    first = numbers.columns[0]
    second = numbers.columns[1] if len(numbers.columns) > 1 else _stage_column(numbers, stages)
    for place, stage in enumerate(stages):
        _draw_stage(plot, numbers, stage, first, second, series(place))
    colours = [series(place) for place in range(len(stages))]
    if len(numbers.columns) > 1:
        _draw_boxes(plot, numbers.boxes, first, second, colours)
    else:
        _draw_bars(plot, numbers, first, colours)
    along(plot, "x", first)
    along(plot, "y", second)
    if len(numbers.columns) > 1:
        legend_beside(plot, title="stage")
    _draw_best(plot, numbers, first, second)


def _stage_column(numbers: Points, stages: Sequence[str]) -> Column:
    places = np.array([stages.index(str(stage)) if stage else np.nan for stage in numbers.stages], dtype=np.float64)
    return Column("stage", places, 0.0, len(stages) - 1.0, choices=tuple(stages))


def _draw_stage(plot: "Axes", numbers: Points, stage: str, first: Column, second: Column, colour: str) -> None:
    mine = numbers.stages == stage
    plot.scatter([], [], color=colour, s=30, label=f"{label(stage, 16)} ({mine.sum():,})")
    shrink = crowding(int(mine.sum()))
    for outcome, size, width in (("pruned", 50, 0.0), ("diverged", 22, 1.2), ("error", 26, 1.2), ("completed", 34, 0.6)):
        rows = mine & (numbers.outcomes == outcome)
        if not rows.any():
            continue
        edge: dict[str, Any] = {"edgecolors": INK} if outcome == "completed" else {}
        many = int(rows.sum()) > MOST_LINKS
        drawn = plot.scatter(
            first.values[rows], second.values[rows], color=colour, marker=MARKERS[outcome], s=size * shrink, rasterized=many,
            linewidths=width * shrink**2, zorder=4 if outcome == "completed" else 3, alpha=max(0.3, shrink), **edge,
        )  # fmt: skip
        if not many:
            drawn.set_urls([link(int(number)) for number in numbers.numbers[rows]])


def _draw_boxes(
    plot: "Axes", boxes: Mapping[str, Mapping[str, tuple[float, float]]], first: Column, second: Column, colours: Sequence[str]
) -> None:
    """The part of the space that each stage was drawn from; a stage without limits has no box."""
    from matplotlib.patches import Rectangle

    for (_, box), colour in zip(boxes.items(), colours, strict=True):
        if {first.name, second.name} & box.keys():
            (left, right), (low, high) = (box.get(column.name, (column.low, column.high)) for column in (first, second))
            shape = Rectangle((left, low), right - left, high - low, fill=False, edgecolor=colour, linewidth=1.6, zorder=5)
            plot.add_patch(shape)


def _draw_bars(plot: "Axes", numbers: Points, column: Column, colours: Sequence[str]) -> None:
    for place, box in enumerate(numbers.boxes.values()):
        low, high = box.get(column.name, (column.low, column.high))
        plot.fill_between([low, high], place - 0.3, place + 0.3, color=colours[place], alpha=0.15, linewidth=0)


def _draw_best(plot: "Axes", numbers: Points, first: Column, second: Column) -> None:
    best = _best(numbers)
    if best is not None:
        plot.plot(first.values[best], second.values[best], marker="*", color=PAPER, markeredgecolor=INK, markersize=16, zorder=6)


def _best(numbers: Points) -> int | None:
    return None if np.isnan(numbers.ranks).all() else int(np.nanargmin(numbers.ranks))


def title(numbers: Points, metric: str) -> str:
    """The question that the picture answers."""
    return f"How did the search narrow over {among(numbers.columns)}?"


def caption(numbers: Points) -> str:
    """The trials, the marks, and the best one."""
    best, none = _best(numbers), int((numbers.stages == "").sum())
    whole = [stage for stage, box in numbers.boxes.items() if not {column.name for column in numbers.columns} & box.keys()]
    return sentences(
        who(numbers),
        "circles: completed; dots: pruned; crosses: diverged",
        f"drawn from the whole range, without a box: {', '.join(whole)}" if whole and len(numbers.columns) > 1 else None,
        f"{counted(none)} of no stage left out" if none else None,
        f"star: the best, trial {numbers.numbers[best]}, {value(numbers.metric, numbers.values[best])}"
        if best is not None
        else None,
    )


layout = single(5.0)
