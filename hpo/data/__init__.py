"""Images: where they come from, how they are cached, and how a study splits them."""

from .arrays import Arrays, load
from .prepared import Prepared
from .preparing import prepare

__all__ = ["Arrays", "Prepared", "load", "prepare"]
