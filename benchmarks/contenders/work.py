"""What all contenders of one benchmark are given, on the command line: a folder with the images, and the work."""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Work(NamedTuple):
    """Train one network for every pair of learning rate and L2 strength."""

    train: NDArray[np.uint8]
    """(count, channels, height, width)"""
    train_labels: NDArray[np.int64]
    validation: NDArray[np.uint8]
    validation_labels: NDArray[np.int64]
    hidden: tuple[int, ...]
    pairs: tuple[tuple[float, float], ...]
    epochs: int
    batch: int = 100
    momentum: float = 0.9
    decay: float = 0.8
    std: float = 0.001


def received() -> Work:
    """The work that the command line names."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    settings = json.loads((folder / "work.json").read_text())
    names = ("train", "train_labels", "validation", "validation_labels")
    arrays = (np.load(folder / f"{name}.npy", mmap_mode="r") for name in names)
    return Work(*arrays, tuple(settings["hidden"]), tuple(map(tuple, settings["pairs"])), settings["epochs"])


def answer(accuracies: Sequence[float]) -> None:
    """Print the validation accuracies of the pairs, in their order."""
    json.dump(list(accuracies), sys.stdout)
