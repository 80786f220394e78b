"""A data set on its way into the cache: what is known of it, and its images as a stream."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..spec.data import Shape
from .split import Counts

Say = Callable[[str], None]
"""Takes a line on work that is being done, for whoever waits."""

Pixels = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Collection:
    """Labelled images in the order of `counts`: training, validation and test images."""

    source: str
    """Where the images came from, for people."""
    classes: tuple[str, ...]
    labels: NDArray[np.int64]
    counts: Counts
    shape: Shape
    """(channels, height, width) of the images that `batches` gives."""
    own_shape: Shape
    """The shape of the data set's images before any change; of the first one where they differ."""
    ordered: bool
    """Whether the order of the images means anything."""
    batches: Iterable[Pixels]
    """(n, channels, height, width) arrays, to be gone through once."""
    notes: Callable[[], tuple[str, ...]]
    """What was done to the images; complete after the last batch."""
