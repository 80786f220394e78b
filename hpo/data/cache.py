"""Decoded images on disk: an entry is whole or absent, and a damaged one is noticed before it is used.

An entry is the folder <key>@<shape> with images.npy (uint8, count x channels x height x width), labels.npy (int64, count) and
meta.json. It is written into a folder beside its place, synced and renamed, so a killed process leaves nothing that looks
like an entry, and of two processes that make the same entry the second finds its work done.
"""

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, NonNegativeInt, PositiveInt, ValidationError

from ..section import Section
from ..spec.data import Shape
from .places import arrays_folder
from .split import Counts
from .text import dimensions, shown
from .trusting import unchanged

FORMAT: Literal[1] = 1
"""Raised when the meaning of the files changes: entries of another format are made again."""


class Broken(Exception):
    """An entry is not what its name says; the message tells in which way."""


class Sums(Section):
    """SHA-256 of the bytes of the arrays, in C order and little-endian."""

    images: str
    labels: str


class Meta(Section):
    """What an entry holds, as written in its meta.json."""

    format: Literal[1]
    key: str
    name: str
    """How a message calls the data set."""
    kind: Literal["named", "imported", "files"]
    source: str
    """Where the images came from."""
    classes: Annotated[tuple[str, ...], Field(min_length=2)]
    shape: Shape
    own_shape: Shape
    train: PositiveInt
    validation: NonNegativeInt
    test: NonNegativeInt
    ordered: bool
    notes: tuple[str, ...]
    sha256: Sums
    rule: PositiveInt = 1
    """By which image files were decoded; see decode.RULE."""

    @property
    def counts(self) -> Counts:
        """Images of each split, in the order in which they lie."""
        return Counts(self.train, self.validation, self.test)


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """A whole entry, checked as far as that is cheap."""

    folder: Path
    meta: Meta
    labels: NDArray[np.int64]

    @property
    def images(self) -> Path:
        """The file of the images."""
        return self.folder / "images.npy"

    def pixels(self) -> NDArray[np.uint8]:
        """The images, read-only and memory-mapped."""
        return _array(self.images, np.dtype(np.uint8), (sum(self.meta.counts), *self.meta.shape))

    @property
    def size(self) -> int:
        """Bytes on disk."""
        return sum(file.stat().st_size for file in self.folder.iterdir())


def folder_of(key: str, shape: Shape) -> Path:
    """Where the entry of a data set at a shape lies, or would lie."""
    return arrays_folder() / f"{key}@{dimensions(shape)}"


def folders(key: str) -> list[Path]:
    """Where the entries of a data set lie, whole or not, in the order of their names."""
    return sorted(arrays_folder().glob(f"{key}@*"))


def known(key: str) -> bool:
    """Whether there is any entry of a data set."""
    return bool(folders(key))


def find(key: str, shape: Shape | None) -> Entry | None:
    """The entry of a data set at a shape, or at its own shape when that is None; a broken one counts as absent."""
    for folder in folders(key) if shape is None else [folder_of(key, shape)]:
        with suppress(Broken, OSError):
            entry = trusted(folder)
            if shape is not None or entry.meta.shape == entry.meta.own_shape:
                return entry
    return None


def entries() -> Iterator[Entry]:
    """All whole entries."""
    for folder in folders("[!.]*"):
        with suppress(Broken, OSError):
            yield read(folder)


def read(folder: Path) -> Entry:
    """An entry, with its sizes, headers, labels and description checked, but not the pixels.

    Raises OSError when there is no such folder or none that can be reached, Broken when it is damaged or something else.
    """
    folder.lstat()
    meta = _meta(folder / "meta.json")
    if folder.name != f"{meta.key}@{dimensions(meta.shape)}":
        raise Broken("it describes another data set")
    labels = np.array(_array(folder / "labels.npy", np.dtype("<i8"), (sum(meta.counts),)))
    if _sum(labels) != meta.sha256.labels or labels.min() < 0 or labels.max() >= len(meta.classes):
        raise Broken("labels.npy has changed")
    entry = Entry(folder, meta, labels)
    entry.pixels()
    return entry


def trusted(folder: Path) -> Entry:
    """An entry whose pixels, too, are as they were written, see `trusting`. Raises as `read` does."""
    return _verified(read(folder), whole=False)


def verify(entry: Entry) -> None:
    """Read every pixel and compare the sum. Raises Broken when a bit has changed."""
    _verified(entry, whole=True)


def _verified(entry: Entry, whole: bool) -> Entry:
    if not unchanged(entry.images, entry.meta.sha256.images, lambda file: _sum(entry.pixels()), whole=whole):
        raise Broken("images.npy has changed")
    return entry


def _meta(path: Path) -> Meta:
    try:
        return Meta.model_validate_json(path.read_bytes(), strict=True)
    except OSError as error:
        raise Broken(f"meta.json cannot be read ({error.strerror})") from None
    except ValidationError as error:
        fault = error.errors()[0]
        raise Broken(f"meta.json is not right ({'.'.join(map(str, fault['loc'])) or 'JSON'}: {fault['msg']})") from None


def _array(path: Path, kind: np.dtype[np.generic], shape: tuple[int, ...]) -> "np.memmap[Any, Any]":
    """A .npy file as a read-only memory map, of exactly the type, shape and length that it should have."""
    try:
        array = np.load(path, mmap_mode="r", allow_pickle=False)
        length = path.stat().st_size
    except (OSError, ValueError, EOFError) as error:
        raise Broken(f"{path.name} cannot be read ({shown(error)})") from None
    if not isinstance(array, np.memmap) or array.dtype != kind or array.shape != shape or not array.flags.c_contiguous:
        raise Broken(f"{path.name} is not an array of {shape} {kind}")
    if length != array.offset + array.nbytes:
        raise Broken(f"{path.name} has {length:,} bytes instead of {array.offset + array.nbytes:,}")
    return array


def _sum(array: NDArray[np.generic]) -> str:
    return sha256(np.ascontiguousarray(array).data).hexdigest()


def as_json(meta: Meta) -> bytes:
    """The bytes of a meta.json."""
    return (json.dumps(meta.model_dump(mode="json"), indent=1) + "\n").encode()
