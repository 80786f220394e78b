"""A folder or zip of images as a data set."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from hashlib import blake2b
from itertools import groupby
from pathlib import Path

import numpy as np

from ..errors import DataUnavailable
from ..spec.data import Shape
from .alike import Alike
from .collection import Collection, Pixels
from .decode import RULE
from .fitting import Fitting, batch_size, own_shape
from .layout import Layout, Picture, arrange
from .names import SPLITS
from .pictures import Pictures
from .split import Counts, hold_out
from .text import counted, shown
from .tree import Folder, Found, Tree, scan


@dataclass(frozen=True, slots=True)
class Files:
    """A folder or zip as it is now: when a file changes, so does the fingerprint."""

    path: Path
    fingerprint: str
    found: tuple[Found, ...] | None
    """What is in the folder; None for a zip, which is listed when it is opened."""

    def collect(self, shape: Shape | None) -> Collection:
        """The images, decoded at a shape or at that of the first one, in an order that depends on their names only.

        Raises DataUnavailable here or while the batches are gone through, and names the file that cannot be used.
        """
        tree = self._open()
        try:
            return self._collect(tree, shape)
        except BaseException:
            tree.close()
            raise

    def _collect(self, tree: Tree, shape: Shape | None) -> Collection:
        layout = arrange(tree.listing)
        pictures, counts, note = _in_order(layout)
        read = Pictures([picture.file for picture in pictures], tree.read, self._named)
        first = own_shape(read.decoded(layout.pictures[0].file).image)
        fitting, alike = Fitting(shape or first), Alike()
        notes = (*_left_out(layout), *layout.notes, *note)
        return Collection(
            source=shown(self.path),
            classes=layout.classes,
            labels=np.array([picture.label for picture in pictures], dtype=np.int64),
            counts=counts,
            shape=fitting.shape,
            own_shape=first,
            ordered=False,
            batches=alike.watch(_batches(tree, pictures, read, fitting)),
            notes=lambda: (*notes, *read.notes(), *fitting.notes(), *alike.notes()),
        )

    def _open(self) -> Tree:
        if self.found is not None:
            return Folder(self.path, self.found)
        from .archive import Archive

        return Archive(self.path)

    def _named(self, file: str) -> str:
        return f"{file} in {self.path}"


def _batches(tree: Tree, pictures: list[Picture], read: Pictures, fitting: Fitting) -> Iterator[Pixels]:
    size = batch_size(fitting.shape)
    with closing(tree):
        for begin in range(0, len(pictures), size):
            yield np.stack([fitting(read(picture.file)) for picture in pictures[begin : begin + size]])


def open_files(path: Path) -> Files:
    """A folder or zip by its path. Raises DataUnavailable when it is neither."""
    if path.is_dir():
        found = scan(path)
        return Files(path, _fingerprint(path, *found), found)
    if not path.is_file():
        raise DataUnavailable(f"a data set is a folder or a zip of images, got '{shown(path)}', which is neither")
    state = path.stat()
    return Files(path, _fingerprint(path, state.st_size, state.st_mtime_ns), None)


def _fingerprint(path: Path, *facts: object) -> str:
    """Of the place, the sizes, the times of change and the rule of decoding: to read 60,000 files on each call takes seconds."""
    total = blake2b(repr((str(path), RULE)).encode(), digest_size=8)
    for fact in facts:
        total.update(repr(fact).encode())
    return total.hexdigest()


def _in_order(layout: Layout) -> tuple[list[Picture], Counts, tuple[str, ...]]:
    """The pictures in the order in which they are kept; where there are no test images, some training images become such."""
    parts = {split: list(group) for split, group in groupby(layout.pictures, key=lambda picture: picture.split)}
    train, validation, test = (parts.get(split, []) for split in SPLITS)
    notes: tuple[str, ...] = ()
    if not test:
        rest, fifth, note = hold_out(np.array([picture.label for picture in train]))
        train, test = [train[place] for place in rest], [train[place] for place in fifth]
        notes = (note,)
    return [*train, *validation, *test], Counts(len(train), len(validation), len(test)), notes


def _left_out(layout: Layout) -> tuple[str, ...]:
    if not layout.left_out:
        return ()
    return (f"{counted(len(layout.left_out), 'file')} left out as no images, '{shown(layout.left_out[0])}' first",)
