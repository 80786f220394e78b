"""Kind `best-shifts`: the best value of one parameter moves with another."""

from collections.abc import Iterator
from functools import partial
from math import log10

import numpy as np

from ...analysis.metrics import better_when_higher
from ...analysis.sampling import tamed
from ...analysis.table import Column, Table
from ..conditions import matching, worded
from ..estimate import Estimate, Region, judge, more
from ..events import quantity
from ..fairness import fair
from ..finding import Evidence, Undecidable
from ..options import Measured, Name, Rise
from ..regression import Line, centred, least_squares, marks, others
from ..runs import runs
from ..samples import Sample, notes, units
from ..wording import counted, interval, lower, number, subject

SOURCE = "Quadratic response surface (Box and Wilson, 1951); interval of the ratio of two coefficients by Fieller (1954)"
FEWEST = 8


class BestShifts(Measured):
    """The more of `by`, the higher (rising) or lower (falling) is the best value of `parameter`."""

    parameter: Name
    by: Name
    direction: Rise

    def parameters(self) -> Iterator[tuple[str, str]]:
        """Each name of a parameter or derived quantity in the test, with its key."""
        yield from (("parameter", self.parameter), ("by", self.by))


@fair
def best_shifts(table: Table, test: BestShifts) -> Evidence:
    """Put a claimed shift to the trials.

    The effect is the shift for one unit of `by`, both on their own scales: decades where they are logarithmic.
    """
    column, by = quantity(table, test.parameter), quantity(table, test.by)
    line, scale, found = _fit(table, test, column, by)
    estimate, peaked = _ratio(line, scale)
    region = Region(low=0.0) if test.direction == "rising" else Region(high=0.0)
    holds, p = judge(estimate, region)
    n = len(found.values)
    what = _worded(estimate, column, by)
    among = f" among trials with {worded(test.where)}" if test.where else ""
    sentence = f"By {lower(subject(test.metric or table.metric))}{among}, {what} ({counted(n, found.unit)})."
    if peaked > 0.05:
        sentence = f"{sentence[:-1]}, but no best value shows between the ends of {test.parameter}."
    besides = partial(more, estimate, region, n)
    return Evidence(sentence, estimate.effect, estimate.low, estimate.high, n, max(p, peaked), holds, besides, notes(found))


def _fit(table: Table, test: BestShifts, column: Column, by: Column) -> tuple[Line, float, Sample]:
    """The surface, the ratio of the two parameters' widths, and the units that it rests on."""
    metric = test.metric or table.metric
    rows = matching(table, test.where) & np.isfinite(column.scaled + by.scaled)
    found = units(table, runs(table, metric), rows)
    levels = [len(np.unique(one.values[found.rows])) for one in (column, by)]
    if len(found.values) < FEWEST or levels[0] < 3 or levels[1] < 2:
        takes = f"a shift of the best {test.parameter} takes {FEWEST} trials, 3 values of it and 2 of {test.by}"
        raise Undecidable(f"{takes}; there are {found.size}", len(found.values), max(1, FEWEST - len(found.values)))
    x, _, width = centred(column, found.rows)
    z, _, other_width = centred(by, found.rows)
    score = tamed(found.values if better_when_higher(table, metric) else -found.values)
    square = [z**2] if levels[1] > 2 else []
    rest = others([c for c in table.parameters if c.name not in (test.parameter, test.by)], found.rows)
    design = np.column_stack([x * z, x**2, np.ones_like(x), x, z, *square, marks(table.stages[found.rows])])
    line = least_squares(np.column_stack([design, rest]), score) or least_squares(design, score)
    if line is None:
        raise Undecidable(f"{found.size} do not determine a surface over {test.parameter} and {test.by}", len(score), FEWEST)
    return line, width / other_width, found


def _ratio(line: Line, scale: float) -> tuple[Estimate, float]:
    """Shift of the maximum, - cross / (2 square), and the p of there being no maximum at all.

    A surface c + a x + s x^2 + m x z has its best x at - (a + m z) / (2 s), if s is below zero.
    """
    from scipy.special import stdtr, stdtrit

    cross, square = line.coefficients[:2]
    (v_cross, both), (_, v_square) = line.covariance[:2, :2]

    def p(border: float) -> float:
        slope = border / scale
        variance = v_cross + 4 * slope * both + 4 * slope**2 * v_square
        return float(2 * stdtr(line.degrees, -abs(cross + 2 * slope * square) / np.sqrt(variance)))

    peaked = float(2 * stdtr(line.degrees, square / np.sqrt(v_square))) if square < 0 else 1.0
    effect = -cross / (2 * square) * scale if square != 0 else np.nan
    t = float(stdtrit(line.degrees, 0.975)) ** 2
    # (cross + 2 slope square)^2 <= t (v_cross + 4 slope both + 4 slope^2 v_square), solved for the slope
    ends = _roots(4 * (square**2 - t * v_square), 4 * (cross * square - t * both), cross**2 - t * v_cross)
    low, high = (scale * end for end in ends)
    return Estimate(float(effect), (high - low) / 3.92, low, high, p), min(1.0, peaked)


def _roots(a: float, b: float, c: float) -> tuple[float, float]:
    """Ends of the interval in which a parabola is below zero; infinite when it is not an interval."""
    inside = b * b - 4 * a * c
    if a <= 0 or inside < 0:
        return -np.inf, np.inf
    return float((-b - np.sqrt(inside)) / (2 * a)), float((-b + np.sqrt(inside)) / (2 * a))


def _worded(estimate: Estimate, column: Column, by: Column) -> str:
    step, unit = (log10(2), f"doubling {by.name}") if by.log else (1.0, f"one more of {by.name}")
    low, high = (end * step for end in (estimate.low, estimate.high))
    if column.log:
        ends = [number(float(10.0**end)) if np.isfinite(end) else "no limit" for end in (low, high)]
        return f"{unit} multiplies the best {column.name} by {number(10 ** (estimate.effect * step))} ({interval(*ends)})"
    return f"{unit} moves the best {column.name} by {number(estimate.effect * step)} ({interval(number(low), number(high))})"
