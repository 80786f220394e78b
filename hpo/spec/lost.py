"""Keys of a study file that cannot be relied on."""

from typing import NamedTuple

Place = tuple[str | int, ...]
"""Keys, and places in lists, from the root of a study file."""


class Lost(NamedTuple):
    """Places whose values are wrong, and hold stand-ins while the rest of the file is checked."""

    places: frozenset[Place] = frozenset()

    def has(self, *place: str | int) -> bool:
        """Whether the value at a place, or a part of it, is wrong."""
        return any(lost[: len(place)] == place or self._leads(lost, place) for lost in self.places)

    def under(self, place: Place) -> bool:
        """Whether the value at a place, or what holds it, is wrong."""
        return any(self._leads(lost, place) for lost in self.places)

    @staticmethod
    def _leads(lost: Place, place: Place) -> bool:
        return place[: len(lost)] == lost
