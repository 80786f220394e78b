"""Logistic regression that stays finite when the classes separate.

Firth, Bias reduction of maximum likelihood estimates, Biometrika 80 (1993): the likelihood times the root of the determinant of
Fisher's information. Heinze and Schemper, Statistics in Medicine 21 (2002): in a study where every trial above some rate diverged
and none below, maximum likelihood has no answer, this has one, and the profile of this likelihood gives its interval.
"""

from typing import NamedTuple

import numpy as np

from .table import Floats

STEPS = 100
LONGEST = 5.0
"""Longest step of Newton's method, in units of the linear predictor."""


class Fit(NamedTuple):
    """A maximum of the penalised likelihood."""

    coefficients: Floats
    likelihood: float
    """Logarithm of the penalised likelihood at the maximum."""


def fit(design: Floats, happened: Floats, directions: Floats | None = None, near: Floats | None = None) -> Fit:
    """Fit P(happened) = 1 / (1 + exp(-design @ coefficients)).

    design: (trials, coefficients), with a column of ones where there is an intercept. happened: 0 or 1 by trial. directions:
    (coefficients, free), to search only the coefficients `directions @ anything`, as a profile does; the penalty stays that of
    the whole model. near: (coefficients,), where to begin.
    """
    free = np.eye(design.shape[1]) if directions is None else directions
    position = np.zeros(free.shape[1]) if near is None else _nearest(free, near)
    value = _likelihood(design, happened, free @ position)
    for _ in range(STEPS):
        score, information = _derivatives(design, happened, free @ position)
        step = _solved(free.T @ information @ free, free.T @ score)
        longest = float(np.abs(design @ (free @ step)).max(initial=0.0))
        share = min(1.0, LONGEST / longest) if longest > 0 else 0.0
        moved, value = _uphill(design, happened, free, position, share * step, value)
        if np.abs(moved - position).max(initial=0.0) < 1e-8:
            break
        position = moved
    return Fit(free @ position, value)


def _nearest(free: Floats, near: Floats) -> Floats:
    return _solved(free.T @ free, free.T @ near)


def _solved(matrix: Floats, right: Floats) -> Floats:
    return np.asarray(np.linalg.solve(matrix, right), dtype=np.float64)


def _uphill(design: Floats, happened: Floats, free: Floats, position: Floats, step: Floats, value: float) -> tuple[Floats, float]:
    """The step, halved until it does not lead down."""
    for _ in range(20):
        reached = _likelihood(design, happened, free @ (position + step))
        if reached >= value:
            return position + step, reached
        step = step / 2
    return position, value


def _probability(design: Floats, coefficients: Floats) -> Floats:
    from scipy.special import expit

    return np.asarray(expit(design @ coefficients), dtype=np.float64)


def _weights(probability: Floats) -> Floats:
    return np.maximum(probability * (1 - probability), 1e-12)


def _likelihood(design: Floats, happened: Floats, coefficients: Floats) -> float:
    linear = design @ coefficients
    information = (design.T * _weights(_probability(design, coefficients))) @ design
    sign, logarithm = np.linalg.slogdet(information)
    # log(1 + exp(x)) without overflow
    whole = float(happened @ linear - np.logaddexp(0, linear).sum())
    return whole + 0.5 * float(logarithm) if sign > 0 else -np.inf


def _derivatives(design: Floats, happened: Floats, coefficients: Floats) -> tuple[Floats, Floats]:
    """Firth's modified score and Fisher's information."""
    probability = _probability(design, coefficients)
    weights = _weights(probability)
    information = (design.T * weights) @ design
    hat = weights * ((design @ np.linalg.inv(information)) * design).sum(axis=1)
    return design.T @ (happened - probability + hat * (0.5 - probability)), information
