"""What trials reached when a confirmation trained them again, on fresh seeds and a fresh split of the images."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from ..attributes import CONFIRMATIONS


class Fresh(NamedTuple):
    """The fresh networks of one candidate of one confirmation."""

    number: int
    """Of the trial."""
    look: int
    """Of the confirmation: its candidates have their split in common."""
    values: tuple[float | None, ...]
    """By seed, of the study's first objective; None for a network that diverged."""

    @property
    def diverged(self) -> bool:
        """Whether any of them did."""
        return None in self.values

    @property
    def known(self) -> np.ndarray[Any, np.dtype[np.float64]]:
        """The values of those that did not."""
        return np.array([value for value in self.values if value is not None], dtype=np.float64)


def fresh(attributes: Mapping[str, Any]) -> tuple[Fresh, ...]:
    """All that is on record among the user attributes of a study, by confirmation; of one that was cut short nothing is."""
    heads = {
        int(key.split(":")[2]): head
        for key, head in attributes.items()
        if key.startswith(f"{CONFIRMATIONS}:") and key.count(":") == 2
    }
    return tuple(
        Fresh(number, look, tuple(attributes[f"{CONFIRMATIONS}:{look}:{number}"]["values"]))
        for look, head in sorted(heads.items())
        for number in head["candidates"]
    )
