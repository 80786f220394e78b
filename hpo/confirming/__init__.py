"""Whether the best trials are as good as they look: they are trained again, on fresh seeds and a fresh split, and raced."""

from .candidates import best_trial, candidates
from .running import confirm, fresh_data

__all__ = ["best_trial", "candidates", "confirm", "fresh_data"]
