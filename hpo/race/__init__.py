"""Races of the best trials on fresh seeds, as they are on record: what each candidate reached, and which one is best."""

from .record import Candidate, Confirmation, confirmations
from .standings import Standing, ends, noise_level, standings
from .winner import Raced, last_race

__all__ = ["Candidate", "Confirmation", "Raced", "Standing", "confirmations", "ends", "last_race", "noise_level", "standings"]
