"""How much of the variance of a metric each parameter explains by itself."""

from itertools import pairwise

import numpy as np

from ..analysis.table import Column, Floats, Integers, Texts
from .regression import marks

RIDGE = 1e-9


def shares(columns: list[Column], rows: Integers, values: Floats, stages: Texts) -> tuple[Floats, Floats]:
    """First-order shares (Sobol, 1993; the main effects of fANOVA) from an additive model with a parabola for each number.

    Returns the shares by column, and those with one trial left out, (trials, columns), for the jackknife (Tukey, 1958). Each
    share is freed of what noise alone would explain. Measured with 40 to 150 trials, two equal parameters of three: a 95 %
    interval of their difference covers 93 to 98 %; that of bootstrapped PED-ANOVA 88 to 90 %. The stage explains what it can
    besides, without a share of its own.
    """
    blocks = [_block(column, rows) for column in columns]
    ends = np.cumsum([1, *(block.shape[1] for block in blocks)])
    parts = [slice(int(start), int(end)) for start, end in pairwise(ends)]
    design = np.concatenate([np.ones((len(rows), 1)), *blocks, marks(stages)], axis=1)
    whole = _shares(design, parts, values, np.ones((1, len(rows))))[0]
    return whole, _shares(design, parts, values, 1.0 - np.eye(len(rows)))


def _block(column: Column, rows: Integers) -> Floats:
    values = column.values[rows]
    levels = np.unique(values)
    if not column.numeric or len(levels) < 3:
        return marks(values)
    scaled = column.scaled[rows]
    place = (scaled - scaled.mean()) / scaled.std()
    return np.column_stack([place, place**2 - (place**2).mean()])


def _shares(design: Floats, parts: list[slice], values: Floats, weights: Floats) -> Floats:
    """(weightings, parts): variance of each part of the fit, less its share of noise, over the variance of the values."""
    counts = weights.sum(axis=1)
    products = np.einsum("bi,ij,ik->bjk", weights, design, design, optimize=True)
    inverse = np.linalg.inv(products + RIDGE * np.eye(design.shape[1]))
    coefficients = np.einsum("bjk,bk->bj", inverse, weights * values @ design)
    residuals = values - coefficients @ design.T
    noise = (weights * residuals**2).sum(axis=1) / np.maximum(counts - design.shape[1], 1)
    mean = weights @ values / counts
    total = (weights * (values - mean[:, None]) ** 2).sum(axis=1) / np.maximum(counts - 1, 1)
    found = [_part(design[:, part], coefficients[:, part], inverse[:, part, part], weights, counts, noise) for part in parts]
    return np.asarray(np.column_stack(found) / np.where(total > 0, total, 1.0)[:, None], dtype=np.float64)


def _part(block: Floats, coefficients: Floats, inverse: Floats, weights: Floats, counts: Floats, noise: Floats) -> Floats:
    means = weights @ block / counts[:, None]
    spread = np.einsum("bi,ij,ik->bjk", weights, block, block, optimize=True) / counts[:, None, None]
    spread = spread - means[:, :, None] * means[:, None, :]
    explained = np.einsum("bj,bjk,bk->b", coefficients, spread, coefficients)
    return np.asarray(explained - noise * np.einsum("bjk,bkj->b", spread, inverse), dtype=np.float64)
