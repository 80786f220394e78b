"""Layers of all kinds, put together in ways of their own."""

import torch
from torch import Tensor, nn

from .base import Net, Shape, flat


class Shared(Net):
    """A layer that is used twice."""

    def __init__(self, shape: Shape, classes: int) -> None:
        super().__init__(shape, classes)
        self.again = nn.Linear(6, 6)

    def special(self, x: Tensor) -> Tensor:
        return torch.tanh(self.again(torch.tanh(self.again(x))))


class Subclass(nn.Sequential):
    """A Sequential with a forward of its own."""

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x) * 2  # type: ignore[no-any-return]


def subclass(shape: Shape, classes: int) -> nn.Module:
    """See Subclass."""
    return Subclass(*flat(shape), nn.ReLU(), nn.Linear(6, classes))


def lazy(shape: Shape, classes: int) -> nn.Module:
    """Layers that learn their sizes from the first image."""
    return nn.Sequential(nn.Flatten(), nn.LazyLinear(6), nn.Tanh(), nn.LazyBatchNorm1d(), nn.LazyLinear(classes))


def norms(shape: Shape, classes: int) -> nn.Module:
    """Norms by group and by layer, and an embedding of places."""
    conv = nn.Sequential(nn.Conv2d(shape[0], 4, 3), nn.GroupNorm(2, 4), nn.GELU(), nn.AdaptiveAvgPool2d(2), nn.Flatten())
    return nn.Sequential(conv, nn.LayerNorm(16), nn.Linear(16, classes))


def averaging(shape: Shape, classes: int) -> nn.Module:
    """Batch norm whose averages count all batches alike."""
    return nn.Sequential(*flat(shape, bias=False), nn.BatchNorm1d(6, momentum=None), nn.Tanh(), nn.Linear(6, classes))


def normalised(shape: Shape, classes: int) -> nn.Module:
    """PyTorch's own batch norm between dense layers."""
    return nn.Sequential(*flat(shape, bias=False), nn.BatchNorm1d(6), nn.ReLU(), nn.Linear(6, classes))


def hooked(shape: Shape, classes: int) -> nn.Module:
    """Plain layers, one of which has a hook."""
    network = nn.Sequential(*flat(shape), nn.ReLU(), nn.Linear(6, classes))
    network[1].register_forward_hook(lambda layer, inputs, output: output * 0.5)
    return network


def from_second_axis(shape: Shape, classes: int) -> nn.Module:
    """Flattens something else than images."""
    return nn.Sequential(
        nn.Flatten(2), nn.Linear(shape[1] * shape[2], 6), nn.ReLU(), nn.Flatten(1), nn.Linear(6 * shape[0], classes)
    )


class Places(nn.Module):
    """Grey levels as words, whose vectors are kept short."""

    def __init__(self, shape: Shape, classes: int) -> None:
        super().__init__()
        self.vectors = nn.Embedding(8, 5, max_norm=0.5)
        self.head = nn.Linear(5 * shape[1], classes)

    def forward(self, x: Tensor) -> Tensor:
        words = (6 * x.mean((1, 3)) + 4).long().clamp(0, 7)
        return self.head(self.vectors(words).flatten(1))  # type: ignore[no-any-return]
