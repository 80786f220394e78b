"""What every kind of plot has in common."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from ..analysis.shares import shares
from ..analysis.table import Table, Unanswered
from ..analysis.tested import Look
from ..errors import UsageError, unknown

if TYPE_CHECKING:
    from matplotlib.axes import Axes

WIDTH, NARROW = 8.0, 4.4
"""Inches: 800 pixels on a screen, the width of a page in print; and for a telephone."""
LOWER = 0.85
"""How high axes are in a stack, against those that lie side by side."""


class Request(NamedTuple):
    """What a plot goes by besides the trials."""

    parameters: tuple[str, ...] = ()
    """Which ones to look at; empty: the plot's own choice."""
    metric: str | None = None
    """An objective of the study, or a metric that its curves have; None: the first objective."""
    colour: str | None = None
    """A parameter to colour curves by."""
    estimators: bool = False
    """For importance: what other estimators say, in place of the model's shares."""
    more: str = ""
    """A clause on what would bring more completed trials, where there are too few for a model of the study."""
    tested: Look | Unanswered = Unanswered("no network has been tested")


class Layout(NamedTuple):
    """Places for axes: a letter for each, as in `Figure.subplot_mosaic`. `draw` gets the axes in alphabetical order."""

    rows: tuple[str, ...]
    height: float
    """Inches."""


class Plot(Protocol):
    """A module of this folder that draws a kind of plot; each function takes the numbers that `compute` gives."""

    def compute(self, table: Table, request: Request, /) -> Any:
        """Numbers, or Unanswered with the reason. Raises UsageError for a request that cannot be met."""
        ...

    def draw(self, axes: Sequence["Axes"], numbers: Any, /) -> None:
        """Put the numbers on the axes of their layout."""
        ...

    def title(self, numbers: Any, metric: str, /) -> str:
        """The question that the picture answers; `metric` is the objective in words."""
        ...

    def caption(self, numbers: Any, /) -> str:
        """How many trials are in the picture and what is left out."""
        ...

    def layout(self, numbers: Any, /) -> Layout:
        """The axes that `draw` needs."""
        ...


class Kind(NamedTuple):
    """A kind of plot."""

    about: str
    """What it shows, in a line."""
    plot: Plot


def stacked(layout: Layout) -> Layout:
    """The same axes one above the other, for a narrow page."""
    whole = "".join(layout.rows)
    letters = sorted(set(whole) - {"."})
    rows = tuple(letter for letter in letters for _ in range(sum(letter in row for row in layout.rows)))
    return Layout(rows, layout.height * (1.0 if len(rows) == len(layout.rows) else LOWER * len(rows) / len(layout.rows)))


def single(height: float) -> Callable[[Any], Layout]:
    """The layout of a plot with one pair of axes."""
    return lambda _: Layout(("A",), height)


def objective(table: Table, request: Request) -> int:
    """Which objective is asked for. Raises UsageError when the study has none of that name."""
    if request.metric is None:
        return 0
    if request.metric not in table.metrics:
        raise UsageError(unknown("objective", request.metric, table.metrics))
    return table.metrics.index(request.metric)


def chosen(table: Table, request: Request, most: int, *, numeric: bool = False) -> tuple[str, ...]:
    """The parameters that are asked for, else the most important ones, at most so many.

    Raises UsageError for a parameter that the study does not have, or that has no order where one is needed.
    """
    for name in request.parameters:
        known_parameter(table, name)
        if numeric and not table.columns[name].numeric:
            raise UsageError(f"this plot needs parameters with an order, and {name} has choices: name others with --parameter")
    if len(request.parameters) > most:
        raise UsageError(f"this plot shows at most {most} parameters, got {len(request.parameters)}: name fewer")
    if request.parameters:
        return tuple(dict.fromkeys(request.parameters))
    names = ranked(table, objective(table, request))
    return tuple(name for name in names if not numeric or table.columns[name].numeric)[:most]


def known_parameter(table: Table, name: str) -> str:
    """The name. Raises UsageError, with the nearest one, when the study has no such parameter."""
    if name not in table.columns:
        raise UsageError(unknown("parameter", name, table.columns))
    return name


def ranked(table: Table, place: int = 0) -> list[str]:
    """The parameters that were varied, the most important first; in the study's order where there is no model of it."""
    varied = [column.name for column in table.parameters if not column.constant]
    found = shares(table, place) if len(varied) > 1 else Unanswered("")
    if isinstance(found, Unanswered):
        return varied
    known = [portion.names[0] for portion in found.mains]
    return [*known, *(name for name in varied if name not in known)]


def answered(numbers: Mapping[Any, Any]) -> dict[Any, Any]:
    """Those that are numbers and not a reason why there are none."""
    return {key: one for key, one in numbers.items() if not isinstance(one, Unanswered)}
