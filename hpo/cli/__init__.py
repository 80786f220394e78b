"""The command line: noun, then verb. Thin: every command reads its options, calls the library and prints."""

from .entry import main

__all__ = ["main"]
