"""Where training breaks: the value of a parameter at which half of the trials diverge."""

from collections.abc import Callable
from typing import Literal, NamedTuple

import numpy as np

from .comparable import neighbours
from .firth import Fit, fit
from .holm import holm
from .pruned import until_pruning
from .sampling import some
from .table import Floats, Table, Texts, Truths, Unanswered

MOST_TRIALS = 2000
CHI_SQUARE = 3.841458820694124
"""0.95 quantile of chi-square with one degree of freedom."""


class Boundary(NamedTuple):
    """Along one parameter, over all values that the others had."""

    parameter: str
    side: Literal["above", "below"]
    """On which side trials diverge."""
    at: float
    """The value at which half of the trials diverge."""
    low: float
    """95 % interval of it; 0 or minus infinity, and infinity, where the trials set no limit."""
    high: float
    p: float
    """That the parameter has nothing to do with divergence; of a study's boundaries corrected for their number."""
    inside: bool
    """Whether the place lies among the values of the trials; beyond them it is a guess."""
    coefficients: tuple[float, float]
    """P(diverged) = 1 / (1 + exp(-(first + second * x))), x the parameter or its decimal logarithm."""
    diverged: int
    trials: int


class Stability(NamedTuple):
    """The boundaries of a study, the sharpest first."""

    boundaries: tuple[Boundary, ...]
    diverged: int
    trials: int
    """Trials of which one can say whether they diverged."""


def stability(table: Table) -> Stability | Unanswered:
    """The boundary along each numeric parameter that was varied, their p corrected together (Holm, 1979)."""
    table = until_pruning(table)
    trials, diverged = int(table.settled.sum()), int(table.diverged.sum())
    if trials == 0:
        return Unanswered("no trial has ended" + (" but in an error" if (table.outcomes == "error").any() else ""))
    if diverged in (0, trials):
        return Unanswered("no trial diverged" if diverged == 0 else "all trials diverged")
    columns = [
        column for column in table.parameters if column.numeric and not column.take(np.flatnonzero(table.settled)).constant
    ]
    found = [one for column in columns if isinstance(one := boundary(table, column.name), Boundary)]
    if not found:
        return Unanswered("no numeric parameter was varied")
    corrected = [one._replace(p=p) for one, p in zip(found, holm([one.p for one in found]), strict=True)]
    return Stability(tuple(sorted(corrected, key=lambda one: one.p)), diverged, trials)


def boundary(table: Table, name: str) -> Boundary | Unanswered:
    """Firth's logistic regression on one column, on its own scale, with the interval of the profile likelihood."""
    found = profile(table, name, table.settled, table.diverged)
    if isinstance(found, Unanswered):
        return found
    p = max(found.p_slope(), p_among_comparable(table, name, table.settled, table.diverged))
    low, high = found.interval()
    at, low, high = map(float, table.columns[name].unscale(np.array([found.at, low, high])))
    events = int(found.events.sum())
    return Boundary(
        name, found.side, at, low, high, p, found.inside, (-found.slope * found.at, found.slope), events,
        len(found.events),
    )  # fmt: skip


def p_among_comparable(table: Table, name: str, rows: Truths, happened: Truths) -> float:
    """p of a column having nothing to do with an event, by trials that can be compared; 0 where all can be."""
    used = np.flatnonzero(rows & np.isfinite(table.columns[name].scaled))
    return _among(neighbours(table)[used], table.columns[name].scaled[used], happened[used])


def _among(labels: Texts, values: Floats, happened: Truths) -> float:
    """How far the values with the event lie from the mean of their label, over the deviation if they were dealt out at random.

    Mantel (1963). In a narrowed box less diverges, whichever of its parameters is the reason.
    """
    from scipy.special import ndtr

    if len(np.unique(labels)) <= 1:
        return 0.0
    total = variance = 0.0
    for label in np.unique(labels):
        apart, event = values[labels == label] - values[labels == label].mean(), happened[labels == label]
        n, count = len(event), int(event.sum())
        total += float(apart[event].sum())
        variance += count * (n - count) / max(1, n * (n - 1)) * float((apart**2).sum())
    return float(2 * ndtr(-abs(total) / variance**0.5)) if variance > 0 else 1.0


def profile(table: Table, name: str, rows: Truths, happened: Truths) -> "Profile | Unanswered":
    """How the chance of an event runs along a column, on its own scale, over some of the trials."""
    column = table.columns[name]
    used = some(np.flatnonzero(rows & np.isfinite(column.scaled)), MOST_TRIALS, table.seed, f"boundary {name}")
    events, values = happened[used].astype(np.float64), column.scaled[used]
    if not 0 < events.sum() < len(events) or np.ptp(values) == 0:
        return Unanswered(f"along {name} the trials do not differ in what happened to them")
    return Profile(values, events)


class Profile:
    """The penalised likelihood of the place where the probability is one half."""

    def __init__(self, values: Floats, events: Floats) -> None:
        self.centre, self.width = float(values.mean()), float(values.std())
        self.position = (values - self.centre) / self.width
        self.events = events
        self.design = np.column_stack([np.ones_like(values), self.position])
        self.whole: Fit = fit(self.design, events)

    @property
    def at(self) -> float:
        """The most likely place, on the scale of the values."""
        first, second = self.whole.coefficients
        return self.centre - self.width * float(first / second) if second else float("inf")

    @property
    def inside(self) -> bool:
        """Whether that place lies among the values."""
        place = (self.at - self.centre) / self.width
        return bool(self.position.min() <= place <= self.position.max())

    @property
    def slope(self) -> float:
        """Change of the logarithm of the odds by one unit of the values' scale."""
        return float(self.whole.coefficients[1] / self.width)

    @property
    def side(self) -> Literal["above", "below"]:
        """On which side of the place the event is likely."""
        return "above" if self.slope > 0 else "below"

    def deviance(self, place: float) -> float:
        """Twice the loss of log likelihood when the boundary is put at a place; if it is there, chi-square with one degree."""
        standard = (place - self.centre) / self.width
        # intercept + slope * standard = 0
        held = fit(self.design, self.events, np.array([[-standard], [1.0]]), near=self.whole.coefficients)
        return max(0.0, 2 * (self.whole.likelihood - held.likelihood))

    def p_slope(self) -> float:
        """That the place has no bearing on the event."""
        from scipy.special import chdtrc

        level = fit(self.design, self.events, np.array([[1.0], [0.0]]))
        return float(chdtrc(1, max(0.0, 2 * (self.whole.likelihood - level.likelihood))))

    def interval(self) -> tuple[float, float]:
        """All places that a test at 5 % does not reject, out to three times the range of the values; beyond, no limit."""
        reach = 3 * float(np.ptp(self.position)) * self.width
        if not abs(self.at - self.centre) < reach:
            return -np.inf, np.inf
        return self._end(-reach, -np.inf), self._end(reach, np.inf)

    def _end(self, reach: float, beyond: float) -> float:
        from scipy.optimize import brentq

        excess: Callable[[float], float] = lambda place: self.deviance(place) - CHI_SQUARE  # noqa: E731
        outer = self.at + reach
        return float(brentq(excess, self.at, outer, xtol=1e-3 * self.width)) if excess(outer) > 0 else beyond
