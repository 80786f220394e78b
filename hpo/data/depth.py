"""Numbers of more than 8 bits brought to 0 to 255, by one range for the whole data set."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .text import counted
from .wide import Wide

if TYPE_CHECKING:
    from PIL.Image import Image

_WHITE = 255


class Range(NamedTuple):
    """The numbers that become 0 and 255, and the words for how many pictures had which."""

    low: float
    high: float
    note: str


@dataclass(frozen=True)
class EightBits:
    """Brings wide pictures to 8 bits a channel.

    A camera with 12 bits fills a sixteenth of a file with 16, so what the numbers mean is seen from all of them together: from a
    picture by itself, a dark one would become as bright as any other. Whole numbers are taken to have as few bits, 8 at least,
    as hold the largest of them; floating-point ones to lie between 0 and 1. Where any number is outside of that, those from the
    smallest to the largest become 0 to 255.
    """

    everything: Callable[[], Iterable[Wide]]
    """All wide pictures of the data set; gone through once, when the first of them is met."""

    def __call__(self, picture: Wide) -> "Image":
        """The picture over a white ground, its numbers rounded to the nearest of 0 to 255."""
        from PIL import Image

        low, high, _ = self._ranges[picture.values.dtype.kind == "f"]
        shares = (picture.values.astype(np.float64) - low) / (high - low)
        shares = 1 - shares if picture.inverted else shares
        if picture.alpha is not None:
            alpha = picture.alpha if shares.ndim == 2 else picture.alpha[..., None]
            shares = shares * alpha + 1 - alpha
        return Image.fromarray(np.rint(_WHITE * shares).astype(np.uint8))

    def notes(self) -> tuple[str, ...]:
        """What was done, once it was."""
        return tuple(found.note for found in self.__dict__.get("_ranges", {}).values())

    @cached_property
    def _ranges(self) -> dict[bool, Range]:
        """By whether numbers are floating-point ones."""
        found: dict[bool, list[tuple[float, float]]] = {}
        for picture in self.everything():
            values: NDArray[Any] = picture.values
            found.setdefault(values.dtype.kind == "f", []).append((float(values.min()), float(values.max())))
        return {floating: _range(floating, np.array(ends)) for floating, ends in found.items()}


def _range(floating: bool, ends: NDArray[np.float64]) -> Range:
    images, low, high = counted(len(ends), "image"), float(ends[:, 0].min()), float(ends[:, 1].max())
    if floating and low >= 0 and high <= 1:
        return Range(0, 1, f"{images} of floating-point numbers from 0 to 1: these became 0 to 255")
    if not floating and low >= 0:
        bits = max(8, int(high).bit_length())
        top = 2**bits - 1
        return Range(
            0, top, f"{images} of more than 8 bits a channel, {high:,.0f} the largest number in all of them:"
            f" 0 to {top:,} ({bits} bits) became 0 to 255",
        )  # fmt: skip
    shown = f"{low:,.6g} to {high:,.6g}"
    return Range(
        low, high if high > low else low + 1, f"{images} of numbers that reach from {shown} in all of them: these became 0 to 255"
    )
