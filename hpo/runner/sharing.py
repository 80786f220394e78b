"""Several drivers on one study: which cohort a driver takes next, and when it has to wait for those of the others.

Whatever their number, the trials are those that one driver would have asked. So a cohort is asked beside open ones only where
nothing of it depends on them; elsewhere a driver stands by, and takes over when another one dies.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from ..search import remembers
from ..spec import SearchSpec
from ..storage import Lease, Leases
from .cohort import Cohort, cohort_at, open_cohorts
from .events import Display, Waiting
from .planning import Plan
from .stored import Moment, StoredStudy

LOOKED_EVERY = 0.5
"""Seconds between two looks at what the other drivers do."""


class Opened(NamedTuple):
    """The open cohorts of a study."""

    left: list[int]
    """That no living driver works on, the oldest first."""
    others: Mapping[int, Lease]
    """That other drivers work on."""


@dataclass
class Sharing:
    """What one driver knows of the others on its study."""

    study: StoredStudy
    leases: Leases
    display: Display
    check_time: Callable[[], None]
    waited_for: Lease | None = None
    """Whom it was last told to wait for."""

    def opened(self, now: Moment) -> Opened:
        """The cohorts that are open at this moment."""
        # The leases are read once, and after the trials: of a cohort that ends in between it is seen that nobody has it.
        cohorts = open_cohorts(now)
        taken = self.leases.of_others() if cohorts else {}
        left = [number for number in cohorts if number not in taken]
        return Opened(left, {number: taken[number] for number in cohorts if number in taken})

    def take_up(self) -> tuple[Cohort, Moment] | None:
        """The oldest open cohort that no living driver works on: this one's from now on. None when there is none any more."""
        with self.leases.alone():  # Another driver may have seen it too.
            now = self.study.now()
            left = self.opened(now).left
            if not left:
                return None
            self.leases.take(left[0])
            return cohort_at(self.study, left[0], now.cohort(left[0])), now

    def wait(self, others: Mapping[int, Lease]) -> None:
        """Let the others work for a moment."""
        number, lease = min(others.items())
        if lease != self.waited_for:
            self.display(Waiting(number, lease.host, lease.process))
            self.waited_for = lease
        time.sleep(LOOKED_EVERY)
        self.check_time()


def side_by_side(search: SearchSpec, plan: Plan) -> bool:
    """Whether a cohort can be asked while others are open: its stage has begun, and it depends on no other trial's end."""
    # The quasi-random sequence is asked once more from its beginning, with what became of its points.
    return plan.stage.asked > 0 and not remembers(search) and search.sampler != "qmc"
