"""Whether the best trials are as good as they look: they are trained again, on fresh seeds and a fresh split, and raced."""

from .candidates import candidates
from .record import Candidate, Confirmation, confirmations
from .running import confirm, fresh_data
from .standings import Standing, noise_level, standings

__all__ = [
    "Candidate",
    "Confirmation",
    "Standing",
    "candidates",
    "confirm",
    "confirmations",
    "fresh_data",
    "noise_level",
    "standings",
]
