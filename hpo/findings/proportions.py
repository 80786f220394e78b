"""Shares of trials to which something happened."""

import numpy as np
from numpy.typing import ArrayLike

from ..analysis.table import Floats
from .estimate import Estimate


def share(successes: int, trials: int) -> Estimate:
    """A share with the mid-p version of Clopper and Pearson's interval (Lancaster, 1961; Agresti and Gottard, 2007).

    The exact interval covers far more than 95 % with few trials; half the probability of the observed count brings it there.
    """
    from scipy.optimize import brentq
    from scipy.special import bdtr, bdtrc

    def tails(border: float) -> tuple[float, float]:
        exactly = bdtr(successes, trials, border) - (bdtr(successes - 1, trials, border) if successes else 0.0)
        above = bdtrc(successes, trials, border) if successes < trials else 0.0
        below = bdtr(successes - 1, trials, border) if successes else 0.0
        return float(above + exactly / 2), float(below + exactly / 2)

    low = 0.0 if successes == 0 else float(brentq(lambda q: tails(q)[0] - 0.025, 0.0, 1.0))
    high = 1.0 if successes == trials else float(brentq(lambda q: tails(q)[1] - 0.025, 0.0, 1.0))
    observed = successes / trials
    error = float(np.sqrt(max(observed * (1 - observed), 0.25 / trials) / trials))
    return Estimate(observed, error, low, high, lambda border: min(1.0, 2 * min(tails(border))))


def difference(first: Floats, second: Floats) -> Estimate:
    """Difference of two shares of zeros and ones: Agresti and Caffo (2000), one success and one failure added to each."""
    return weighted([first, second], [1.0, -1.0])


def weighted(groups: list[Floats], weights: ArrayLike) -> Estimate:
    """Weighted sum of shares of zeros and ones, each with successes and failures added (Price and Bonett, 2004).

    As many of each as make two for the two groups of a difference.
    """
    from scipy.special import ndtr

    signs = np.asarray(weights, dtype=np.float64)
    added = 2 / len(groups)
    sizes = np.array([len(group) for group in groups]) + 2 * added
    shares = np.array([(group.sum() + added) / size for group, size in zip(groups, sizes, strict=True)])
    centre, error = float(signs @ shares), float(np.sqrt(signs**2 @ (shares * (1 - shares) / sizes)))
    observed = float(signs @ [group.mean() for group in groups])
    low, high = (
        max(centre - 1.96 * error, -float(np.abs(signs).sum()) / 2),
        min(centre + 1.96 * error, float(np.abs(signs).sum()) / 2),
    )
    return Estimate(
        observed, error, min(low, observed), max(high, observed), lambda border: float(2 * ndtr(-abs(centre - border) / error))
    )
