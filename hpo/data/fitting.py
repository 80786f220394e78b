"""Pictures brought to one shape: channels converted first, then sizes."""

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from ..errors import DataUnavailable
from ..spec.data import Shape
from .collection import Pixels
from .text import counted, dimensions
from .wide import Wide

if TYPE_CHECKING:
    from PIL.Image import Image

_MODES = {1: "L", 3: "RGB"}
_WORDS = {"1": "black and white", "L": "grey", "P": "a palette", "RGB": "colour"}
_BATCH_BYTES = 16 * 2**20


def batch_size(shape: Shape) -> int:
    """How many images of a shape fill 16 MiB: few enough for any memory, enough to write at full speed."""
    channels, height, width = shape
    return max(1, _BATCH_BYTES // (channels * height * width))


def own_shape(image: "Image | Wide") -> Shape:
    """The (channels, height, width) that keeps a picture as it is: one channel for greys, three for all others."""
    if isinstance(image, Wide):
        height, width = image.values.shape[:2]
        return (1 if image.values.ndim == 2 else 3, height, width)
    return (1 if image.mode in {"1", "L"} else 3, image.height, image.width)


class Fitting:
    """Brings pictures to a shape and counts what that took.

    Raises DataUnavailable when the shape has other than 1 or 3 channels.
    """

    def __init__(self, shape: Shape) -> None:
        self.shape = shape
        if shape[0] not in _MODES:
            raise DataUnavailable(f"images have 1 or 3 channels, got a study of {dimensions(shape)}; change data.shape")
        self._mode = _MODES[shape[0]]
        self._resized: Counter[str] = Counter()
        self._converted: Counter[str] = Counter()

    def __call__(self, image: "Image") -> Pixels:
        """The picture as a (channels, height, width) array."""
        image = self._resize(self._convert(image))
        return np.atleast_3d(np.asarray(image, dtype=np.uint8)).transpose(2, 0, 1)

    def _convert(self, image: "Image") -> "Image":
        if image.mode == self._mode:
            return image
        self._converted[image.mode] += 1
        return image.convert(self._mode)

    def _resize(self, image: "Image") -> "Image":
        from PIL.Image import Resampling

        _, height, width = self.shape
        if image.size == (width, height):
            return image
        self._resized[f"{image.height}x{image.width}"] += 1
        return image.resize((width, height), Resampling.BILINEAR)

    def notes(self) -> tuple[str, ...]:
        """What was done so far, a sentence for each kind of change."""
        return (*self._resizing(), *self._converting())

    def _resizing(self) -> Iterator[str]:
        if self._resized:
            sizes = next(iter(self._resized)) if len(self._resized) == 1 else f"{len(self._resized):,} sizes"
            to = f"{self.shape[1]}x{self.shape[2]}"
            yield f"{counted(self._resized.total(), 'image')} resized from {sizes} to {to} pixels (bilinear)"

    def _converting(self) -> Iterator[str]:
        for mode, number in sorted(self._converted.items()):
            yield f"{counted(number, 'image')} converted from {_WORDS.get(mode, mode)} to {_WORDS[self._mode]}"
