"""The objective over two parameters, with what is not known about it, and where training breaks."""

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from .coordinates import unit
from .metrics import within
from .posterior import posterior
from .table import Column, Floats, Table, Truths, Unanswered, there_are

FEWEST_TRIALS = 5
CELLS = 40
WITHIN = 1.96
"""Standard deviations to either side that hold 95 % of a normal distribution."""
LITTLE = 1.5
ROUND = (1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)


class Surface(NamedTuple):
    """Mean and uncertainty on a grid over the box of two parameters."""

    first: Column
    """Horizontal; with the values of the trials that were used."""
    second: Column
    x: Floats
    """(cells,) in the first parameter's own units, evenly spaced on its scale."""
    y: Floats
    mean: Floats
    """(cells of y, cells of x), of the objective in its own units, averaged evenly over the rest of the space."""
    deviation: Floats
    """Standard deviation of that mean: what more trials would reduce."""
    noise: float
    """Standard deviation of one network about the mean at its setting."""
    divergence: Floats | None
    """Probability that a trial diverges, on the same grid; None when none diverged."""
    values: Floats
    """Objective of the completed trials."""
    trials: int
    """Completed trials that were used."""
    of: int
    """Completed trials that there are."""
    pruned: int
    """Pruned trials that were used besides, by what they would have come to."""
    drawn_in: int
    """Values that lay so far out that they were drawn in to Tukey's outer fences."""

    others: int
    """Parameters that it is averaged over."""

    @property
    def reach(self) -> Floats:
        """How far the mean may be off, with 95 %: (cells of y, cells of x)."""
        return WITHIN * self.deviation

    @property
    def known_within(self) -> float:
        """A round number that parts what is well known from the rest.

        What one seed makes, a quarter of the relief, or half more than is known at best, whichever is largest.
        """
        return _rounded_up(max(self.noise, np.ptp(self.mean) / 4, LITTLE * self.reach.min()))


@lru_cache(maxsize=16)
def surface(table: Table, first: str, second: str, objective: int = 0) -> Surface | Unanswered:
    """The model of the study (hpo.analysis.posterior) over two numeric parameters, averaged evenly over the rest of the space.

    Pruned trials are part of it: they tell where it is bad. Over a derived quantity it is a model of these two alone.
    """
    columns = table.columns[first], table.columns[second]
    if first == second or not all(column.numeric for column in columns):
        return Unanswered(f"a surface needs two different numeric parameters, got {first} and {second}")
    has = table.take(table.completed & _both(table, first, second))
    if len(has) < FEWEST_TRIALS:
        return Unanswered(f"a surface needs at least {FEWEST_TRIALS} completed trials, and {there_are(len(has))}")
    found = posterior(table, objective, (first, second) if any(column.derived for column in columns) else ())
    if isinstance(found, Unanswered):
        return found
    if not {first, second} <= found.columns.keys():
        return Unanswered(f"a surface needs {first} and {second} to vary")
    across, x, y = _grid(*columns)
    mean, deviation = found.moments({first: np.tile(x, CELLS), second: np.repeat(y, CELLS)})
    used = table.take(found.rows)
    return Surface(
        first=used.columns[first],
        second=used.columns[second],
        x=x,
        y=y,
        mean=within(table, objective, mean).reshape(CELLS, CELLS),
        deviation=deviation.reshape(CELLS, CELLS),
        noise=float(np.median(found.noise)),
        divergence=_divergence(table, columns, across),
        values=table.values[table.completed, objective],
        trials=found.completed,
        of=int(table.completed.sum()),
        pruned=found.pruned,
        drawn_in=found.model.seen.drawn_in,
        others=len(found.columns) - 2,
    )


def _rounded_up(value: float) -> float:
    decade = 10.0 ** np.floor(np.log10(value))
    return float(decade * next((one for one in ROUND if one >= value / decade), ROUND[-1]))


def _both(table: Table, first: str, second: str) -> Truths:
    return np.asarray(np.isfinite(table.columns[first].scaled + table.columns[second].scaled))


def _inputs(table: Table, first: str, second: str) -> Floats:
    return np.column_stack([unit(table.columns[name], table.columns[name].values) for name in (first, second)])


def _grid(first: Column, second: Column) -> tuple[Floats, Floats, Floats]:
    share = np.linspace(0.0, 1.0, CELLS)
    across, up = np.meshgrid(share, share)
    ends = [column.scale(np.array([column.low, column.high])) for column in (first, second)]
    x, y = (c.unscale(start + share * (end - start)) for c, (start, end) in zip((first, second), ends, strict=True))
    return np.column_stack([across.ravel(), up.ravel()]), x, y


def _divergence(table: Table, columns: tuple[Column, Column], grid: Floats) -> Floats | None:
    """Logistic regression on both parameters, their squares and their product.

    With a ridge of one unit, so that it stays finite where the diverged and the others separate.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import PolynomialFeatures

    settled = table.take(table.settled & _both(table, columns[0].name, columns[1].name))
    if not settled.diverged.any():
        return None
    if settled.diverged.all():
        return np.ones((CELLS, CELLS))
    features = PolynomialFeatures(2, include_bias=False)
    # Twice the unit range about its middle: coordinates in [-1, 1], for which a ridge of one unit is mild.
    inputs = features.fit_transform(2 * _inputs(settled, columns[0].name, columns[1].name) - 1)
    model = LogisticRegression(C=10.0, max_iter=500).fit(inputs, settled.diverged)
    return np.asarray(model.predict_proba(features.transform(2 * grid - 1))[:, 1]).reshape(CELLS, CELLS)
