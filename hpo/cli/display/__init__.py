"""What a user sees of a run while it goes on, on stderr."""

from .showing import showing

__all__ = ["showing"]
