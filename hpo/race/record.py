"""Confirmations as they are stored with a study. What follows from their values is worked out when they are read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..analysis.table import Floats
from ..attributes import CONFIRMATIONS


@dataclass(frozen=True, slots=True)
class Candidate:
    """A trial that was trained again."""

    trial: int
    params: Mapping[str, Any]
    searched: float
    """Its value in the search."""
    values: Sequence[float | None]
    """By seed, as far as it was trained; None for a network that diverged."""


@dataclass(frozen=True, slots=True)
class Confirmation:
    """One race of the best trials."""

    look: int
    """Number of the confirmation, counted from 0 over the whole study; its seeds and its split follow from it."""
    top: int
    """Candidates that were asked for."""
    seeds: int
    """Networks that a candidate has if it stays in to the end."""
    seed: int
    """Of the networks, and of every draw of the analysis."""
    train: int
    """Images trained on."""
    validation: int
    lane_steps: int
    seconds: float
    images: str
    """SHA-256 of the images, their split and their scale."""
    candidates: tuple[Candidate, ...]
    """The best of the search first."""

    def scores(self, maximise: bool) -> Floats:
        """(candidates, seeds), turned so that higher is better; NaN where nothing was trained, -infinity where it diverged."""
        found = np.full((len(self.candidates), self.seeds), np.nan)
        for row, candidate in enumerate(self.candidates):
            for place, value in enumerate(candidate.values):
                found[row, place] = -np.inf if value is None else value if maximise else -value
        return found


def confirmations(attributes: Mapping[str, Any]) -> list[Confirmation]:
    """All confirmations that are on record among the user attributes of a study, in their order."""
    looks = sorted(int(key.split(":")[2]) for key in attributes if key.startswith(f"{CONFIRMATIONS}:") and key.count(":") == 2)
    return [_read(attributes, look) for look in looks]


def _read(attributes: Mapping[str, Any], look: int) -> Confirmation:
    head = attributes[f"{CONFIRMATIONS}:{look}"]
    parts = (attributes[f"{CONFIRMATIONS}:{look}:{trial}"] for trial in head["candidates"])
    candidates = tuple(Candidate(**{**part, "values": tuple(part["values"])}) for part in parts)
    return Confirmation(**{**head, "candidates": candidates})
