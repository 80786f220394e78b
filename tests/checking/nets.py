"""Networks with something wrong, or something unusual, about them."""

import math

import torch
from torch import Tensor, nn

Shape = tuple[int, int, int]


def tanh(shape: Shape, classes: int) -> nn.Module:
    """A network of another kind."""
    return nn.Sequential(nn.Flatten(), nn.Linear(math.prod(shape), 5), nn.Tanh(), nn.LayerNorm(5), nn.Linear(5, classes))


def normalised(shape: Shape, classes: int) -> nn.Module:
    """PyTorch's own batch norm, behind a convolution."""
    layers = nn.Conv2d(shape[0], 3, 3), nn.BatchNorm2d(3), nn.ReLU(), nn.Flatten()
    return nn.Sequential(*layers, nn.Linear(3 * (shape[1] - 2) * (shape[2] - 2), classes))


def random(shape: Shape, classes: int) -> nn.Module:
    """Dropout whose masks nobody knows."""
    return nn.Sequential(nn.Flatten(), nn.Dropout(0.5), nn.Linear(math.prod(shape), classes))


def dead(shape: Shape, classes: int) -> nn.Module:
    """Biases so low that no unit of the hidden layer ever fires."""
    network = nn.Sequential(nn.Flatten(), nn.Linear(math.prod(shape), 20), nn.ReLU(), nn.Linear(20, classes))
    nn.init.constant_(network[1].bias, -100.0)
    return network


class InFloats(nn.Module):
    """Turns whatever comes into float32, and has a constant in it."""

    def __init__(self, shape: Shape, classes: int) -> None:
        super().__init__()
        self.first, self.last = nn.Linear(math.prod(shape), 20), nn.Linear(20, classes)
        self.turned = torch.eye(20)

    def forward(self, x: Tensor) -> Tensor:
        """One hidden layer."""
        return self.last(torch.relu(self.first(x.flatten(1).float())) @ self.turned)  # type: ignore[no-any-return]


class _Idle(nn.Module):
    def __init__(self, inputs: int, classes: int) -> None:
        super().__init__()
        self.used = nn.Linear(inputs, classes)
        self.unused = nn.Linear(inputs, classes)

    def forward(self, x: Tensor) -> Tensor:
        return self.used(x.flatten(1))  # type: ignore[no-any-return]  # a module returns what its forward does


def idle(shape: Shape, classes: int) -> nn.Module:
    """A layer that the output does not depend on."""
    return _Idle(math.prod(shape), classes)


class _Unweighted(nn.Module):
    def __init__(self, classes: int) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(classes))

    def forward(self, x: Tensor) -> Tensor:
        return x.flatten(1)[:, -len(self.scale) :] * self.scale


def unweighted(shape: Shape, classes: int) -> nn.Module:
    """No weights that a penalty would cover."""
    return _Unweighted(classes)


def frozen(shape: Shape, classes: int) -> nn.Module:
    """The first layer keeps its weights."""
    network = nn.Sequential(nn.Flatten(), nn.Linear(math.prod(shape), 20), nn.ReLU(), nn.Linear(20, classes))
    network[1].weight.requires_grad_(False)
    return network


class _Average(nn.Module):
    def __init__(self, inputs: int, classes: int) -> None:
        super().__init__()
        self.layer = nn.Linear(inputs, classes)
        self.register_buffer("average", torch.zeros(inputs))

    def forward(self, x: Tensor) -> Tensor:
        x = x.flatten(1)
        self.average = 0.5 * self.average + 0.5 * x.mean(0)
        return self.layer(x - self.average)  # type: ignore[no-any-return]  # a module returns what its forward does


def averaging(shape: Shape, classes: int) -> nn.Module:
    """A moving average that every pass changes."""
    return _Average(math.prod(shape), classes)
