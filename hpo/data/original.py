"""A published data set in its original files: where they may lie, and the way to get them."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..errors import DataUnavailable
from .collection import Collection, Pixels, Say
from .download import NotDownloaded, download
from .places import download_folder, own_folder
from .split import Counts
from .text import shown


class Unusable(Exception):
    """The files of a place are not those of the data set; the message says why."""


class Contents(NamedTuple):
    """What the original files hold."""

    pixels: Pixels
    """(count, channels, height, width), training images first."""
    labels: NDArray[np.int64]
    train: int
    """How many images are training images; the others are test images."""


@dataclass(frozen=True, slots=True)
class Original:
    """One of the data sets that torchvision can download."""

    name: str
    torchvision: str
    """torchvision's class."""
    layout: str
    """How the files lie below a folder of data sets, for people."""
    classes: tuple[str, ...]
    places: Callable[[], tuple[Path, ...]]
    """The folders that may hold the files, in the order in which they are tried."""
    holds: Callable[[Path], bool]
    """Whether a folder seems to hold the files; quick."""
    read: Callable[[Path], Contents]
    """The contents of the files in a folder, checked against their sums. Raises Unusable."""

    def is_here(self) -> bool:
        """Whether any place seems to hold the files."""
        return any(map(self.holds, self.places()))

    def collect(self, say: Say) -> Collection:
        """The images, from the first place that has them, or from the network.

        Raises DataUnavailable, with all that was tried, when neither gives the right files.
        """
        tried: list[str] = []
        found = self._find(tried)
        if found is None:
            try:
                download(self.torchvision, download_folder(), say)
                found = self._find(tried)
            except NotDownloaded as error:
                tried += error.reasons
        if found is None:
            raise DataUnavailable(self._help(tried))
        return self._collection(*found)

    def _find(self, tried: list[str]) -> tuple[Path, Contents] | None:
        for place in self.places():
            if not self.holds(place):
                tried.append(f"{shown(place)}: not there")
                continue
            try:
                return place, self.read(place)
            except Unusable as reason:
                tried.append(f"{shown(place)}: {shown(reason)}")
        return None

    def _collection(self, place: Path, contents: Contents) -> Collection:
        channels, height, width = contents.pixels.shape[1:]
        return Collection(
            source=shown(place),
            classes=self.classes,
            labels=contents.labels,
            counts=Counts(contents.train, 0, len(contents.labels) - contents.train),
            shape=(channels, height, width),
            own_shape=(channels, height, width),
            ordered=True,
            batches=[contents.pixels],
            notes=tuple,
        )

    def _help(self, tried: list[str]) -> str:
        return "\n  ".join(
            [
                f"the images of {self.name} must be on this machine or on the network, but this is what was tried:",
                *([] if own_folder() else ["HPO_DATA_DIR: not set"]),
                *dict.fromkeys(tried),
                "three ways on: --data digits, which needs no network;",
                "hpo data import PATH, with a folder or zip of images of your own;",
                f"HPO_DATA_DIR=FOLDER, where FOLDER holds {self.layout}",
            ]
        )
