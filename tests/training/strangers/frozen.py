"""Networks that train in part, or not at all."""

import torch
from torch import Tensor, nn

from .base import Net, Shape, flat


class Frozen(Net):
    """A backbone that is not to be trained, with a bias that is."""

    def __init__(self, shape: Shape, classes: int) -> None:
        super().__init__(shape, classes)
        self.first.weight.requires_grad_(False)


class FrozenFilters(nn.Module):
    """Convolutions that are not to be trained, and their batch norm in evaluation mode for good."""

    def __init__(self, shape: Shape, classes: int) -> None:
        super().__init__()
        self.body = nn.Sequential(nn.Conv2d(shape[0], 3, 3, padding=1), nn.BatchNorm2d(3), nn.ReLU())
        self.body.requires_grad_(False)
        self.head = nn.Linear(3 * shape[1] * shape[2], classes)

    def train(self, mode: bool = True) -> "FrozenFilters":
        super().train(mode)
        self.body.eval()
        return self

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.body(x).flatten(1))  # type: ignore[no-any-return]  # as all layers' calls here


class Idle(Net):
    """A layer, and a small scale, that have no part in the output."""

    def __init__(self, shape: Shape, classes: int) -> None:
        super().__init__(shape, classes)
        self.unused, self.scale = nn.Linear(6, 150), nn.Parameter(torch.ones(3, 3))


class IdleFilters(nn.Module):
    """The same among convolutions, whose output goes through `view`."""

    def __init__(self, shape: Shape, classes: int) -> None:
        super().__init__()
        self.conv, self.unused = nn.Conv2d(shape[0], 4, 3), nn.Conv2d(4, 4, 3)
        self.size = 4 * (shape[1] - 2) * (shape[2] - 2)
        self.head = nn.Linear(self.size, classes)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(torch.relu(self.conv(x)).view(-1, self.size))  # type: ignore[no-any-return]


class FreezingLater(Net):
    """Freezes its first layer after some steps."""

    def __init__(self, shape: Shape, classes: int) -> None:
        super().__init__(shape, classes)
        self.register_buffer("steps", torch.zeros((), dtype=torch.long))

    def special(self, x: Tensor) -> Tensor:
        if self.training:
            self.steps += 1
        self.first.requires_grad_(bool(self.steps <= 5))
        return x


class Thawing(Frozen):
    """Lets a frozen layer train after all."""

    def special(self, x: Tensor) -> Tensor:
        self.first.requires_grad_(True)
        return x


def half_frozen(shape: Shape, classes: int) -> nn.Module:
    """Plain layers, the first of them frozen."""
    network = nn.Sequential(*flat(shape), nn.ReLU(), nn.Linear(6, classes))
    network[1].requires_grad_(False)
    return network


def pruned(shape: Shape, classes: int) -> nn.Module:
    """Half of the first layer's weights cut away."""
    from torch.nn.utils import prune

    network = nn.Sequential(*flat(shape), nn.Tanh(), nn.Linear(6, classes))
    prune.l1_unstructured(network[1], "weight", amount=0.5)
    return network


def all_frozen(shape: Shape, classes: int) -> nn.Module:
    """Nothing left to train."""
    return nn.Sequential(*flat(shape), nn.Linear(6, classes)).requires_grad_(False)


def without_parameters(shape: Shape, classes: int) -> nn.Module:
    """Nothing to train."""
    return nn.Sequential(nn.AdaptiveAvgPool2d((1, classes)), nn.Flatten())
