"""The objective over two parameters, with what is not known about it, and where training breaks."""

import warnings
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..seeds import derive
from .forward import Forward, carried_forward
from .sampling import at_most, some, tamed
from .table import Column, Floats, Table, Truths, Unanswered

if TYPE_CHECKING:
    from sklearn.gaussian_process import GaussianProcessRegressor

MOST_TRIALS = 250
"""A Gaussian process costs the cube of their number: 0.2 s for 250 on one core, more than 10 s for 1,000."""
FEWEST_TRIALS = 5
CELLS = 40


class Surface(NamedTuple):
    """Mean and uncertainty on a grid over the box of two parameters."""

    first: Column
    """Horizontal; with the values of the trials that were used."""
    second: Column
    x: Floats
    """(cells,) in the first parameter's own units, evenly spaced on its scale."""
    y: Floats
    mean: Floats
    """(cells of y, cells of x), of the objective in its own units, over whatever values the other parameters had."""
    deviation: Floats
    """Standard deviation of that mean: what more trials would reduce."""
    noise: float
    """Standard deviation of one trial about the surface: other parameters and chance."""
    divergence: Floats | None
    """Probability that a trial diverges, on the same grid; None when none diverged."""
    values: Floats
    """Objective of the completed trials that were used."""
    trials: int
    """Completed trials that were used."""
    of: int
    """Completed trials that there are."""
    pruned: int
    """Pruned trials that were used besides, carried forward to the end (hpo.analysis.forward)."""
    drawn_in: int
    """Trials whose value lay so far out that it was drawn in to Tukey's outer fences."""


@lru_cache(maxsize=16)
def surface(table: Table, first: str, second: str, objective: int = 0) -> Surface | Unanswered:
    """The response surface of a Gaussian process with a Matern 5/2 kernel and noise.

    Rasmussen and Williams, Gaussian Processes for Machine Learning (2006), sections 2.2, 4.2 and 5.4. Inputs are on the
    parameters' own scales, logarithmic where they were drawn so, with a length for each. Pruned trials count by what they would
    have come to, each with its own uncertainty: without them the surface would know nothing of where it is bad.
    """
    finished = table.take(table.completed)
    columns = table.columns[first], table.columns[second]
    if first == second or not all(column.numeric for column in columns):
        return Unanswered(f"a surface needs two different numeric parameters, got {first} and {second}")
    has = finished.take(_both(finished, first, second))
    beside = _beside(table, columns, objective)
    used = at_most(has, MOST_TRIALS - len(beside.rows), f"surface {first} {second}")
    if len(used) < FEWEST_TRIALS:
        return Unanswered(f"a surface needs at least {FEWEST_TRIALS} completed trials, and there are {len(used)}")
    if any(used.columns[name].constant for name in (first, second)):
        return Unanswered(f"a surface needs {first} and {second} to vary")
    values = np.concatenate([used.values[:, objective], beside.values])
    scores = tamed(values, used.values[:, objective])
    inputs = np.concatenate([_inputs(one, first, second) for one in (used, table.take(beside.rows))])
    process = fit(inputs, scores, derive(table.seed, "surface"), np.append(np.zeros(len(used)), beside.deviations))
    grid, x, y = _grid(*columns)
    mean, deviation = predict(process, grid)
    return Surface(
        first=used.columns[first],
        second=used.columns[second],
        x=x,
        y=y,
        mean=mean.reshape(CELLS, CELLS),
        deviation=deviation.reshape(CELLS, CELLS),
        noise=noise_of(process),
        divergence=_divergence(table, columns, grid),
        values=used.values[:, objective],
        trials=len(used),
        of=len(has),
        pruned=len(beside.rows),
        drawn_in=int((scores != values).sum()),
    )


def _beside(table: Table, columns: tuple[Column, Column], objective: int) -> Forward:
    """Pruned trials that have both parameters, at most half of all that are used."""
    found = carried_forward(table, objective)
    has = np.flatnonzero(_both(table.take(found.rows), columns[0].name, columns[1].name))
    kept = some(has, MOST_TRIALS // 2, table.seed, "surface pruned")
    return Forward(found.rows[kept], found.values[kept], found.deviations[kept])


def fit(inputs: Floats, scores: Floats, seed: int, deviations: Floats | float = 0.0) -> "GaussianProcessRegressor":
    """A Gaussian process on inputs in [0, 1] about an unknown mean, lengths and noise by maximum marginal likelihood.

    deviations: of single scores, known beforehand, besides the noise of all.
    """
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.gaussian_process import GaussianProcessRegressor
    from sklearn.gaussian_process.kernels import ConstantKernel, Matern, WhiteKernel
    from threadpoolctl import threadpool_limits

    # A tenth of the variance to the surface at least: where the likelihood sees only noise, it would be sure of a plane.
    surface = ConstantKernel(1.0, (0.1, 1e2)) * Matern([0.3] * inputs.shape[1], (0.05, 20.0), nu=2.5)
    kernel = surface + ConstantKernel(1.0, "fixed") + WhiteKernel(0.1, (1e-5, 10.0))
    known = (deviations / (float(scores.std()) or 1.0)) ** 2 + 1e-10
    process = GaussianProcessRegressor(kernel, alpha=known, normalize_y=True, random_state=seed)
    # One thread: matrices are small, and on two busy cores two threads took six times as long, 250 trials.
    with warnings.catch_warnings(), threadpool_limits(1):
        # A length at its bound is a parameter without effect: an answer, not a failure.
        warnings.simplefilter("ignore", ConvergenceWarning)
        return process.fit(inputs, scores)


def noise_of(process: "GaussianProcessRegressor") -> float:
    """Standard deviation of a single value about the surface, in the units of the scores."""
    return float(np.sqrt(process.kernel_.k2.noise_level) * process._y_train_std)


def predict(process: "GaussianProcessRegressor", inputs: Floats) -> tuple[Floats, Floats]:
    """Mean of the surface and its standard deviation, without the noise of a single trial."""
    mean, deviation = process.predict(inputs, return_std=True)
    return mean, np.sqrt(np.maximum(deviation**2 - noise_of(process) ** 2, 0.0))


def unit(column: Column, values: Floats) -> Floats:
    """Values of a column as a share of its range, on its own scale."""
    start, end = column.scale(np.array([column.low, column.high]))
    return (column.scale(values) - start) / (end - start) if end > start else np.zeros_like(values)


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
