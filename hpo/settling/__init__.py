"""Evidence that settles what a search leaves open: which points, on how many networks, and when it is enough."""

from .claims import Claim, claims
from .settling import Settling

__all__ = ["Claim", "Settling", "claims"]
