"""What the last race says of the best."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from .record import Confirmation, confirmations
from .standings import Standing, standings


class Raced(NamedTuple):
    """A race that has ended."""

    confirmation: Confirmation
    standings: tuple[Standing, ...]
    """The best first."""

    @property
    def best(self) -> Standing | None:
        """The likeliest best; None when of every candidate a network diverged."""
        return self.standings[0] if self.standings[0].out is None else None

    @property
    def tied(self) -> tuple[int, ...]:
        """The trials that cannot be told from the best, itself first."""
        return tuple(one.trial for one in self.standings if one.out is None and one.rank == self.standings[0].rank)

    def searched(self, trial: int) -> float | None:
        """What a candidate had in the search; None for a trial that was none."""
        return next((each.searched for each in self.confirmation.candidates if each.trial == trial), None)

    def standing(self, trial: int) -> Standing:
        """A candidate's standing."""
        return next(one for one in self.standings if one.trial == trial)


def last_race(attributes: Mapping[str, Any], maximise: bool) -> Raced | None:
    """The last confirmation among the user attributes of a study; None where there is none."""
    found = confirmations(attributes)
    return Raced(found[-1], tuple(standings(found[-1], maximise))) if found else None
