"""Least squares on the parameters of the trials, each on its own scale."""

from typing import NamedTuple

import numpy as np

from ..analysis.table import Column, Floats, Integers, Texts


class Line(NamedTuple):
    """Coefficients of a linear model with their covariance."""

    coefficients: Floats
    covariance: Floats
    degrees: int


def least_squares(design: Floats, values: Floats) -> Line | None:
    """The fit, or None when the trials do not determine every coefficient and the noise.

    With 20 or more degrees of freedom the covariance is HC3 (MacKinnon and White, 1985), which lets noise differ between trials.
    """
    n, width = design.shape
    if n - width < 1 or np.linalg.matrix_rank(design) < width:
        return None
    inverse = np.linalg.inv(design.T @ design)
    coefficients = inverse @ design.T @ values
    residuals = values - design @ coefficients
    if n - width < 20:
        return Line(coefficients, inverse * float(residuals @ residuals) / (n - width), n - width)
    leverage = np.einsum("ij,jk,ik->i", design, inverse, design)
    meat = (design.T * (residuals / np.maximum(1 - leverage, 1e-6)) ** 2) @ design
    return Line(coefficients, inverse @ meat @ inverse, n - width)


def centred(column: Column, rows: Integers) -> tuple[Floats, float, float]:
    """A column on its own scale, less its mean and over its standard deviation; with both."""
    values = column.scaled[rows]
    middle, width = float(values.mean()), float(values.std()) or 1.0
    return (values - middle) / width, middle, width


def marks(labels: "Texts | Floats") -> Floats:
    """A column of zeros and ones for each label but one."""
    return np.asarray(labels[:, None] == np.unique(labels)[1:], dtype=np.float64)


def others(columns: list[Column], rows: Integers) -> Floats:
    """Columns of a design for the other parameters: line and parabola of a number, a mark for each choice but one."""
    parts = [np.empty((len(rows), 0))]
    for column in columns:
        values = column.values[rows]
        if np.isnan(values).any() or np.ptp(values) == 0:
            continue
        levels = np.unique(values)
        if column.numeric and len(levels) > 2:
            place = centred(column, rows)[0]
            parts.append(np.column_stack([place, place**2]))
        else:
            parts.append(marks(values))
    return np.concatenate(parts, axis=1)
