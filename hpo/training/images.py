"""The images of a job on the device: scaled by the study's rule and served by index."""

import math
import mmap
from collections import OrderedDict
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from ..data import Prepared

RESIDENT_BYTES = 256 * 2**20
"""A split whose scaled copy is smaller than this is scaled once and kept; a larger one is scaled batch by batch."""

_AT_A_TIME = 256
"""Images that are scaled, or counted, together: what comes in between stays in the cache."""


class Scaling(NamedTuple):
    """x * factor - shift for every input, both (inputs,) or (): the study's scale."""

    factor: Tensor
    shift: Tensor | None


class Split:
    """One split of the images, (count, channels, height, width), and their labels."""

    def __init__(self, pixels: np.ndarray, places: np.ndarray, labels: Tensor, scaling: Scaling, dtype: torch.dtype) -> None:
        """Of the images (all, channels, height, width) those at some places, with their labels, on the labels' device."""
        self.labels = labels
        self._shape, self._scaling, self._dtype = pixels.shape[1:], scaling, dtype
        self._resident = len(places) * math.prod(self._shape) * dtype.itemsize <= RESIDENT_BYTES or labels.is_cuda
        self._rows = (self._all_scaled(pixels, places) if self._resident else torch.from_numpy(pixels[places])).flatten(1)

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, index: Tensor | slice) -> Tensor:
        """The scaled images at these places: (*index.shape, channels, height, width)."""
        if isinstance(index, slice):
            images = self._rows[index].unflatten(1, self._shape)
        else:  # By rows: indexing with more axes takes twice as long.
            rows = self._rows.index_select(0, index.flatten().to(self._rows.device))
            images = rows.view(*index.shape, *self._shape)
        return images if self._resident else self._scale(images)

    def _all_scaled(self, pixels: np.ndarray, places: np.ndarray) -> Tensor:
        scaled = _empty(torch.Size([len(places), *self._shape]), self._dtype, self.labels.device)
        for start in range(0, len(places), _AT_A_TIME):
            part = slice(start, start + _AT_A_TIME)
            scaled[part] = self._scale(torch.from_numpy(pixels[places[part]]).to(scaled.device))
        return scaled

    def _scale(self, pixels: Tensor) -> Tensor:
        factor, shift = self._scaling
        scaled = pixels.to(factor.dtype).mul_(factor)
        return (scaled if shift is None else scaled.sub_(shift)).to(self._dtype)


def _empty(shape: torch.Size, dtype: torch.dtype, device: torch.device) -> Tensor:
    """An empty tensor; in the memory of a CPU, outside the allocator's heap.

    Workers have that heap in pages of 2 MB, which pays for weights. For images it can take a second to find them.
    """
    if device.type != "cpu" or 0 in shape:
        return torch.empty(shape, dtype=dtype, device=device)
    memory = mmap.mmap(-1, math.prod(shape) * dtype.itemsize, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    return torch.frombuffer(memory, dtype=dtype).view(shape)


class Images(NamedTuple):
    """What a job trains and validates on."""

    train: Split
    validation: Split
    shape: tuple[int, int, int]
    classes: int


def load(prepared: Prepared, device: torch.device, dtype: torch.dtype) -> Images:
    """The images of a job. The last ones asked for are kept, since a worker's next job mostly wants the same."""
    key = (prepared.sha256, str(device), dtype)
    if key not in _kept:
        _kept[key] = _load(prepared, device, dtype)
        while len(_kept) > 1:
            _kept.popitem(last=False)
    return _kept[key]


_kept: OrderedDict[tuple[str, str, torch.dtype], Images] = OrderedDict()


def _load(prepared: Prepared, device: torch.device, dtype: torch.dtype) -> Images:
    pixels = np.load(prepared.images, mmap_mode="r")
    labels = np.load(prepared.labels, mmap_mode="r")
    exact = torch.float32 if dtype is torch.bfloat16 else dtype  # bfloat16 holds a scaled pixel, but not the mean of many.
    scaling = scaling_of(prepared.scale, pixels, prepared.train, device, exact)

    def split(index: np.ndarray) -> Split:
        return Split(pixels, index, torch.from_numpy(labels[index]).to(device), scaling, dtype)

    return Images(split(prepared.train), split(prepared.validation), prepared.shape, len(prepared.classes))


def scaling_of(scale: str, pixels: np.ndarray, train: np.ndarray, device: torch.device, dtype: torch.dtype) -> Scaling:
    """The factor and shift of a scale, from the training images only; sums of uint8 are exact, so it is the same anywhere."""
    unit = {"none": 1.0, "unit-256": 1 / 256}.get(scale, 1 / 255)
    if scale not in {"centre", "standardise"}:
        return Scaling(torch.tensor(unit, dtype=dtype, device=device), None)
    mean, std = _statistics(pixels, train)
    factor = unit / np.maximum(std * unit, 1e-8) if scale == "standardise" else np.full_like(mean, unit)
    return Scaling(_tensor(factor, device, dtype), _tensor(mean * factor, device, dtype))


def _statistics(pixels: np.ndarray, index: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    total = np.zeros(pixels.shape[1:], dtype=np.int64)
    squares = np.zeros(pixels.shape[1:], dtype=np.int64)
    for start in range(0, len(index), _AT_A_TIME):
        part = pixels[index[start : start + _AT_A_TIME]].astype(np.uint32)
        total += part.sum(axis=0, dtype=np.uint32)
        squares += np.square(part).sum(axis=0, dtype=np.uint32)
    mean = total / len(index)
    return mean, np.sqrt(np.maximum(squares / len(index) - mean**2, 0.0))


def _tensor(array: np.ndarray, device: torch.device, dtype: torch.dtype) -> Tensor:
    return torch.from_numpy(np.asarray(array, dtype=np.float64)).to(device, dtype)
