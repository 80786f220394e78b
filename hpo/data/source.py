"""From the name of a data set to where its images are; nothing is read yet."""

import os
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Literal

from ..errors import DataUnavailable, unknown
from ..spec.data import KNOWN_SHAPES, Shape
from . import cache, digits
from .cifar import CIFAR10
from .collection import Collection, Say
from .files import Files, open_files
from .idx import FASHION_MNIST, MNIST
from .original import Original
from .places import own_folder
from .text import shown

NAMES = tuple(KNOWN_SHAPES)
"""The data sets that are known by name, the one that needs no network first."""

ORIGINALS: dict[str, Original] = {original.name: original for original in (MNIST, FASHION_MNIST, CIFAR10)}

IMPORT_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
"""What an imported data set may be called: no name is a path, and no two differ by case only."""


@dataclass(frozen=True, slots=True)
class Source:
    """A data set, found but not read."""

    name: str
    """For people."""
    key: str
    """Of its entries in the cache."""
    kind: Literal["named", "imported", "files"]
    collect: Callable[[Shape | None, Say], Collection]
    """Read the images, at a shape if `at_any_shape`, else at their own."""
    at_any_shape: bool
    """Whether images are brought to a shape as they are decoded, instead of afterwards."""
    notes: tuple[str, ...] = ()


def find(name: str) -> Source:
    """The data set that a study means by a name: a known one, an imported one, or a path.

    Raises DataUnavailable when it is none of them.
    """
    if name == "digits":
        return Source(name, name, "named", lambda shape, say: digits.collect(), at_any_shape=False)
    if name in ORIGINALS:
        return _original(ORIGINALS[name])
    if IMPORT_NAME.fullmatch(name) and cache.known(name):
        return Source(name, name, "imported", partial(_gone, name), at_any_shape=False)
    return from_path(name)


def imported() -> tuple[str, ...]:
    """The names that `hpo data import` has given, sorted."""
    return tuple(sorted({entry.meta.key for entry in cache.entries() if entry.meta.kind == "imported"}))


def from_files(files: Files, name: str) -> Source:
    """A folder or zip as a data set. Its key holds a dot, which no name does."""
    stem = re.sub(r"[^a-z0-9]+", "-", files.path.name.lower()).strip("-")[:40] or "images"
    return Source(name, f"{stem}.{files.fingerprint}", "files", lambda shape, say: files.collect(shape), at_any_shape=True)


def whereabouts(name: str) -> str:
    """Where a known data set would be read from on its first use."""
    if name == "digits":
        return "scikit-learn"
    original = ORIGINALS[name]
    places = [*filter(original.holds, original.places()), *filter(None, [_copy_of(original) if original is CIFAR10 else None])]
    return shown(places[0]) if places else "the network"


def known(name: str) -> None:
    """Raise DataUnavailable for a name that is neither that of a data set nor a path of anything; nothing is opened."""
    if name not in NAMES and not (IMPORT_NAME.fullmatch(name) and cache.known(name)):
        _path(name)


def from_path(name: str) -> Source:
    """A folder or zip by its path. Raises DataUnavailable when there is none."""
    path = _path(name)
    return from_files(open_files(path), shown(path.name))


def is_path(name: str) -> bool:
    """Whether a name that is that of no data set can only be meant as a path."""
    return os.sep in name or name.endswith(".zip")


def _path(name: str) -> Path:
    try:
        return Path(os.path.realpath(os.path.expanduser(name), strict=True))
    except (OSError, ValueError) as error:
        if is_path(name):
            reason = shown(getattr(error, "strerror", None) or error)
            raise DataUnavailable(f"a data set's path must lead to a folder or zip, got '{shown(name)}': {reason}") from None
        told = unknown("data set", shown(name), (*NAMES, *imported()))
        raise DataUnavailable(f"{told}, or the path of a folder or zip of images") from None


def _original(original: Original) -> Source:
    source = Source(original.name, original.name, "named", lambda shape, say: original.collect(say), at_any_shape=False)
    if original is not CIFAR10 or cache.known(source.key) or original.is_here():
        return source
    copy = _copy_of(original)
    return source if copy is None else _from_copy(original, copy)


def _copy_of(original: Original) -> Path | None:
    """A folder or zip in HPO_DATA_DIR that is called after the data set, like cifar10-jpeg.zip (but not cifar100.zip)."""
    own = own_folder()
    called = re.compile(rf"{re.escape(original.name)}([-_. ].*)?")
    try:
        copies = [each for each in own.iterdir() if called.fullmatch(each.name)] if own else []
    except OSError:
        return None
    return min((each for each in copies if each.suffix == ".zip" or os.path.isdir(each)), default=None)


def _from_copy(original: Original, copy: Path) -> Source:
    source = from_files(open_files(copy), original.name)
    note = (
        f"{original.name}'s original files are not here: {copy.name} is taken in their place;"
        " where its images are JPEGs, their pixels differ a little from the originals'"
    )

    def collect(shape: Shape | None, say: Say) -> Collection:
        images = source.collect(shape, say)
        if images.classes != original.classes:
            raise DataUnavailable(
                f"{shown(copy)} is called after {original.name} and must have its classes,"
                f" got {', '.join(images.classes[:20])}; rename it"
            )
        return images

    return replace(source, collect=collect, notes=(note,))


def _gone(name: str, shape: Shape | None, say: Say) -> Collection:
    folders = " and ".join(shown(folder) for folder in cache.folders(name))
    raise DataUnavailable(
        f"images imported as '{name}' must be whole in the cache, got damaged ones; remove {folders}, import again"
    )
