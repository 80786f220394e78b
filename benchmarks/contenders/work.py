"""What all contenders of one benchmark are given, on the command line: a folder with the images, and the work."""

import argparse
import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from hpo.data import Prepared

DEVICE = os.environ.get("DEVICE", "cpu")
"""That the contender trains on."""

Trial = Mapping[str, float]
"""eta, lambda and batch; filters and filter_size of a convolutional network besides."""


class Work(NamedTuple):
    """Train one network for every trial."""

    train: NDArray[np.uint8]
    """(count, channels, height, width)"""
    train_labels: NDArray[np.int64]
    validation: NDArray[np.uint8]
    validation_labels: NDArray[np.int64]
    trials: tuple[Trial, ...]
    epochs: int
    hidden: tuple[int, ...] = ()
    """Widths of the dense layers ahead of the output, with batch norm (no scale, no shift); none: a convolutional network."""
    dense: int = 128
    """Width of the dense layer behind the convolutions."""
    momentum: float = 0.0
    decay: float = 1.0
    """Of the learning rate, by epoch."""
    std: float = 0.001
    """Of the initial weights of the dense network; the convolutional one has PyTorch's own."""
    centre: bool = False
    """Whether the mean training image is subtracted."""


def write(folder: Path, prepared: Prepared, **settings: Any) -> None:
    """Make a folder that `received` reads."""
    folder.mkdir()
    pixels, labels = np.load(prepared.images, mmap_mode="r"), np.load(prepared.labels)
    for name, index in (("train", prepared.train), ("validation", prepared.validation)):
        np.save(folder / f"{name}.npy", pixels[index])
        np.save(folder / f"{name}_labels.npy", labels[index])
    (folder / "work.json").write_text(json.dumps(settings))


def received() -> Work:
    """The work that the command line names."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    settings = json.loads((folder / "work.json").read_text())
    names = ("train", "train_labels", "validation", "validation_labels")
    arrays = (np.load(folder / f"{name}.npy", mmap_mode="r") for name in names)
    return Work(*arrays, **settings)


def answer(accuracies: Sequence[float], seconds: float) -> None:
    """Print the validation accuracies of the trials, in their order, and the seconds that the trials took without the start."""
    json.dump({"accuracies": list(accuracies), "seconds": seconds}, sys.stdout)
