"""A few of a study's training images, scaled as training scales them."""

from typing import Literal, NamedTuple

import numpy as np
import torch
from torch import Tensor

from ..data import Prepared
from ..errors import UsageError
from ..seeds import derive
from ..training.images import Split, scaling_of

Precision = Literal["float32", "float64", "bfloat16"]

ENOUGH = 1000
"""Images from which a quick check takes the mean and spread of the inputs."""


class Images(NamedTuple):
    """Scaled images, (count, channels, height, width), and their labels, (count,)."""

    x: Tensor
    y: Tensor

    @property
    def precision(self) -> "Precision":
        """What they are held in, and networks on them are to be computed in."""
        return "float64" if self.x.dtype is torch.float64 else "float32"

    def in_precision(self, precision: "Precision") -> "Images":
        """The same in another one."""
        return Images(self.x.to(torch.float64 if precision == "float64" else torch.float32), self.y)

    def first(self, count: int) -> "Images":
        """The first of them."""
        return Images(self.x[:count], self.y[:count])


def some(data: Prepared, seed: int, count: int, dtype: torch.dtype, statistics: int | None = None) -> Images:
    """Training images drawn by a seed; their scale is that of all training images, or of the first `statistics`.

    Raises UsageError when there are fewer than that.
    """
    if count > len(data.train):
        raise UsageError(
            f"a batch holds at most all {len(data.train)} training images, got {count}: take more with --set data.train=N"
            " or other images with --data"
        )
    pixels, labels = np.load(data.images, mmap_mode="r"), np.load(data.labels, mmap_mode="r")
    chosen = np.random.default_rng(derive(seed, "check images")).permutation(data.train)[:count]
    scaling = scaling_of(data.scale, pixels, data.train[:statistics], torch.device("cpu"), dtype)
    split = Split(pixels, chosen, torch.from_numpy(labels[chosen]), scaling, dtype)
    return Images(split[:], split.labels)
