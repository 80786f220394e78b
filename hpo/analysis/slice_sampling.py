"""Draws from a posterior whose prior is normal."""

from collections.abc import Callable

import numpy as np

from .table import Floats

SHRINKS = 40
"""Halvings of a bracket after which a chain stays where it is; the bracket is then narrower than a millionth."""


def elliptical_slices(
    likelihood: Callable[[Floats], Floats], start: Floats, deviations: Floats, steps: int, generator: np.random.Generator
) -> Floats:
    """Where chains stand after so many steps of elliptical slice sampling, all chains at once: (chains, dimensions).

    Murray, Adams and MacKay, Elliptical slice sampling, AISTATS 2010, figure 2. It has nothing to tune.

    likelihood: logarithms, (chains,), of (chains, dimensions) about the prior's mean. start: likewise. deviations: the prior's,
    (dimensions,).
    """
    state, level = start.copy(), likelihood(start)
    for _ in range(steps):
        ellipse = deviations * generator.standard_normal(state.shape)
        least = level + np.log(generator.random(len(state)))
        angle = 2 * np.pi * generator.random(len(state))
        low, high = angle - 2 * np.pi, angle.copy()
        origin, pending = state.copy(), np.arange(len(state))
        for _ in range(SHRINKS):
            turned = np.cos(angle[pending])[:, None] * origin[pending] + np.sin(angle[pending])[:, None] * ellipse[pending]
            found = likelihood(turned)
            there = found >= least[pending]
            state[pending[there]], level[pending[there]] = turned[there], found[there]
            pending = pending[~there]
            if not len(pending):
                break
            below = angle[pending] < 0
            low[pending[below]], high[pending[~below]] = angle[pending[below]], angle[pending[~below]]
            angle[pending] = low[pending] + (high[pending] - low[pending]) * generator.random(len(pending))
    return state
