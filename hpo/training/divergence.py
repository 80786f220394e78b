"""When has training left the region where it can learn?"""

import math

from ..spec import TrainingSpec
from .job import Divergence

WINDOW = 10
"""Steps whose mean cost is looked at together: a single minibatch may be unlucky, and looking costs a pass over the weights."""


class Watch:
    """Watches one lane's cost, window by window."""

    def __init__(self, training: TrainingSpec, first_cost: float = math.nan) -> None:
        self.first_cost = first_cost
        self.divergence: Divergence | None = None
        self._limit = training.explode_at

    def see(self, cost: float, step: int, epoch: int) -> None:
        """Judge the mean cost, in nats, of the window that ends with a step (counted from 1) of an epoch (counted from 1)."""
        if self.divergence is not None:
            return
        if not math.isfinite(cost):
            self.divergence = Divergence("non-finite", step, epoch, None, self.first_cost)
        elif cost > self._limit * self.first_cost:
            self.divergence = Divergence("exploded", step, epoch, cost, self.first_cost)
