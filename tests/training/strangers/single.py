"""Networks that torch.func cannot compute several of at once."""

import math
from threading import Lock
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.utils import parametrizations
from torch.utils.checkpoint import checkpoint

from .base import Net, Shape, flat


class Looking(Net):
    """What it computes depends on the data."""

    def special(self, x: Tensor) -> Tensor:
        return -x if x.detach().sum() > 0 else x


class WithNumpy(Net):
    """Goes through NumPy on the way."""

    def forward(self, x: Tensor) -> object:
        return super().forward(torch.from_numpy(np.tanh(x.numpy())))


class Routed(Net):
    """Experts that only some images come to."""

    def __init__(self, shape: Shape, classes: int) -> None:
        super().__init__(shape, classes)
        self.experts = nn.ModuleList([nn.Linear(6, 6) for _ in range(4)])

    def special(self, x: Tensor) -> Tensor:
        return self.experts[int(x.detach().sum().abs() * 10) % 4](x)  # type: ignore[no-any-return]


class Unregistered(Net):
    """A random projection that is no buffer, so that each network has its own and nobody else knows of it."""

    def __init__(self, shape: Shape, classes: int) -> None:
        super().__init__(shape, classes)
        self.projection = torch.randn(6, 6)

    def special(self, x: Tensor) -> Tensor:
        return x @ self.projection.to(x)


class Checkpointed(Net):
    """Computes a part again on the way back."""

    def special(self, x: Tensor) -> Tensor:
        if not self.training:
            return torch.sin(3 * x)
        return checkpoint(lambda y: torch.sin(3 * y), x, use_reentrant=True)  # type: ignore[no-any-return]


class Sign(torch.autograd.Function):
    """A step whose gradient is that of a line."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        """The sign of each number."""
        ctx.save_for_backward(x)
        return x.sign()

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Tensor:
        """Of numbers near 0 alone."""
        return gradients[0] * (ctx.saved_tensors[0].abs() < 0.7)


class OwnGradient(Net):
    """A function with a gradient of the user's own."""

    def special(self, x: Tensor) -> Tensor:
        return Sign.apply(x)  # type: ignore[no-any-return, no-untyped-call]


class Unclonable(Net):
    """Holds a lock, as those that log or read do."""

    def __init__(self, shape: Shape, classes: int) -> None:
        super().__init__(shape, classes)
        self.lock = Lock()


def scripted(shape: Shape, classes: int) -> nn.Module:
    """TorchScript."""
    return torch.jit.script(nn.Sequential(*flat(shape, bias=False), nn.BatchNorm1d(6), nn.Tanh(), nn.Linear(6, classes)))  # type: ignore[no-any-return]


def spectral(shape: Shape, classes: int) -> nn.Module:
    """Spectral norm: a parametrisation with buffers that change in training."""
    return nn.Sequential(
        nn.Flatten(), parametrizations.spectral_norm(nn.Linear(math.prod(shape), 6)), nn.Tanh(), nn.Linear(6, classes)
    )


def weight_norm(shape: Shape, classes: int) -> nn.Module:
    """Weight norm, as a parametrisation."""
    return nn.Sequential(
        nn.Flatten(), parametrizations.weight_norm(nn.Linear(math.prod(shape), 6)), nn.ReLU(), nn.Linear(6, classes)
    )


def old_weight_norm(shape: Shape, classes: int) -> nn.Module:
    """Weight norm as a hook that sets an attribute, which cannot be copied."""
    with_hook = torch.nn.utils.weight_norm(nn.Linear(math.prod(shape), 6))
    return nn.Sequential(nn.Flatten(), with_hook, nn.ReLU(), nn.Linear(6, classes))
