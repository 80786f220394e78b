"""A study's share of a data set: what training needs to know of its images, small enough to travel with a job."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ..guess import Guess


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """Images on disk, and which of them train, validate and test."""

    images: Path
    """A .npy file of uint8, (count, channels, height, width), to be opened memory-mapped."""
    labels: Path
    """A .npy file of int64, (count,)."""
    train: NDArray[np.int64]
    validation: NDArray[np.int64]
    test: NDArray[np.int64]
    shape: tuple[int, int, int]
    """(channels, height, width)"""
    classes: tuple[str, ...]
    scale: Literal["none", "unit", "unit-256", "centre", "standardise"]
    sha256: str
    """Of the images and labels, the split and the scale: equal for equal training inputs."""
    notes: tuple[str, ...] = ()
    """What was done to fit the images to the study, resized, converted, cut, split, and what to know before they are used."""
    guess: Guess | None = None
    """What a guess gets right of the validation images; None where nobody has counted."""
