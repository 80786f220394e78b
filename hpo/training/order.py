"""Which images a lane sees, and what dropout takes away: drawn anew for every epoch from the lane's own keys."""

from collections.abc import Mapping, Sequence
from copy import copy
from typing import Self

import torch
from torch import Tensor

from ..seeds import derive
from .job import Lane


def generator(seed: int, purpose: str, *key: int) -> torch.Generator:
    """PyTorch's generator for a key."""
    return torch.Generator().manual_seed(derive(seed, purpose, *key))


def epoch_order(seed: int, lanes: Sequence[Lane], epoch: int, images: int) -> Tensor:
    """The order of the images in an epoch: (images,) when all lanes have the same, else (L, images)."""
    keys = [(lane.replicate,) if lane.training.order == "shared" else (lane.replicate, lane.trial) for lane in lanes]
    orders = {key: torch.randperm(images, generator=generator(seed, "order", epoch, *key)) for key in dict.fromkeys(keys)}
    return orders[keys[0]] if len(orders) == 1 else torch.stack([orders[key] for key in keys])


class DropoutMasks:
    """Masks of one epoch for every lane, in the order of steps and layers."""

    def __init__(
        self,
        seed: int,
        lanes: Sequence[Lane],
        epoch: int,
        shapes: Mapping[str, tuple[int, ...]],
        drops: Mapping[str, float] | None = None,
    ) -> None:
        """Masks of these shapes, by layer, which take away the share of `drops`, or the one that the lane's settings name."""
        self._shapes, self._own = shapes, drops or {}
        self._drops = [_drop(lane) for lane in lanes]
        self._generators = [generator(seed, "dropout", epoch, lane.replicate, lane.trial) for lane in lanes]

    def of(self, places: Sequence[int]) -> Self:
        """These masks from the next step on, for some of the lanes."""
        kept = copy(self)
        kept._drops = [self._drops[place] for place in places]
        kept._generators = [self._generators[place] for place in places]
        return kept

    def draw(self, like: Tensor) -> dict[str, Tensor]:
        """The masks of the next step, by layer: (L, B, ...), with `like`'s type and device."""
        return {name: self._mask(shape, self._own.get(name)).to(like) for name, shape in self._shapes.items()}

    def _mask(self, shape: tuple[int, ...], own: float | None) -> Tensor:
        drops = self._drops if own is None else [own] * len(self._drops)
        pairs = zip(drops, self._generators, strict=True)
        return torch.stack([(torch.rand(shape, generator=source) >= drop) / (1 - drop) for drop, source in pairs])


def _drop(lane: Lane) -> float:
    return float(getattr(lane.model, "dropout", 0.0))
