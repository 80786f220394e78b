"""Files below a folder or within a zip, under relative names and without surprises."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, Protocol

from ..errors import DataUnavailable
from .decode import LARGEST_FILE
from .names import hidden
from .text import shown

_DEEPEST = 16
"""Folders within folders; images lie at 4 at the most, and a deeper tree is something else."""


class Listing(NamedTuple):
    """Names relative to the root, parts joined by '/'."""

    files: tuple[str, ...]
    folders: tuple[str, ...]


class Tree(Protocol):
    """A folder or a zip."""

    @property
    def listing(self) -> Listing:
        """All that is in it. Raises DataUnavailable when that is not plain files in plain folders."""

    def read(self, file: str) -> bytes:
        """The bytes of a file, or the first of them when there are more than any image has. Raises DataUnavailable."""

    def close(self) -> None:
        """Let go of the files."""


class Found(NamedTuple):
    """A file below a folder."""

    name: str
    is_folder: bool
    size: int
    changed: int
    """Nanoseconds since the epoch."""


def scan(root: Path) -> tuple[Found, ...]:
    """Everything below a folder but what is hidden, sorted by name, links followed.

    Raises DataUnavailable on what cannot be read, on links that lead nowhere or in circles, and on devices and pipes.
    """
    try:
        return tuple(sorted(_below(str(root), "", ())))
    except OSError as error:
        place = os.fsdecode(error.filename) if error.filename else root
        raise DataUnavailable(f"a folder of images must be readable, got '{shown(place)}': {error.strerror}") from None


def _below(folder: str, prefix: str, above: tuple[tuple[int, int], ...]) -> Iterator[Found]:
    here = os.stat(folder)
    if (here.st_dev, here.st_ino) in above or len(above) == _DEEPEST:
        raise DataUnavailable(
            f"folders must not lead in a circle, nor be nested more than {_DEEPEST} deep, got '{shown(folder)}'"
        )
    with os.scandir(folder) as children:
        for child in children:
            if hidden(child.name):
                continue
            name = prefix + child.name
            found = child.stat()
            if stat.S_ISDIR(found.st_mode):
                yield Found(name, True, 0, 0)
                yield from _below(child.path, f"{name}/", (*above, (here.st_dev, here.st_ino)))
            elif stat.S_ISREG(found.st_mode):
                yield Found(name, False, found.st_size, found.st_mtime_ns)
            else:
                raise DataUnavailable(f"images are plain files, got '{shown(child.path)}', which is a device, a pipe or a socket")


class Folder:
    """The files below a folder."""

    def __init__(self, root: Path, found: tuple[Found, ...]) -> None:
        self._root = root
        self.listing = Listing(
            files=tuple(item.name for item in found if not item.is_folder),
            folders=tuple(item.name for item in found if item.is_folder),
        )

    def read(self, file: str) -> bytes:
        """The bytes of a file, as far as an image can reach."""
        try:
            with (self._root / file).open("rb") as source:
                return source.read(LARGEST_FILE + 1)
        except OSError as error:
            raise DataUnavailable(f"images must be readable, got '{shown(self._root / file)}': {error.strerror}") from None

    def close(self) -> None:
        """Nothing is held open."""
