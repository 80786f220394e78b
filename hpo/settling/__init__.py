"""Evidence that settles what a search leaves open: which points, on how many networks, and when it is enough."""

from .after_search import AfterSearch
from .candidates import candidates
from .claims import Claim, claims
from .settling import Settling

__all__ = ["AfterSearch", "Claim", "Settling", "candidates", "claims"]
