"""Many p values at once."""

from collections.abc import Sequence

import numpy as np


def holm(values: Sequence[float]) -> list[float]:
    """p values corrected so that the chance of any false verdict stays below the level (Holm, 1979)."""
    p = np.asarray(values, dtype=np.float64)
    order = np.argsort(p, kind="stable")
    stepped = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    found = np.empty(len(p))
    found[order] = np.minimum(stepped, 1.0)
    return [float(value) for value in found]
