"""Networks that return something else than scores, or scores of another shape."""

import math
from dataclasses import dataclass

from torch import Tensor, nn

from .base import Net, Shape, flat


class TupleOutput(Net):
    """Scores, and something of another shape."""

    def forward(self, x: Tensor) -> object:
        return super().forward(x), x.flatten(1)


class DictOutput(Net):
    """Scores by the name of logits, beside another tensor of their shape."""

    def forward(self, x: Tensor) -> object:
        scores = super().forward(x)
        return {"auxiliary": scores, "logits": scores}


@dataclass
class Output:
    """What a network of another library returns."""

    logits: Tensor
    loss: None = None


class ObjectOutput(Net):
    """Scores as a member of an object."""

    def forward(self, x: Tensor) -> object:
        scores = super().forward(x)
        assert isinstance(scores, Tensor)
        return Output(scores)


def too_many(shape: Shape, classes: int) -> nn.Module:
    """The head of another data set."""
    return nn.Sequential(*flat(shape), nn.ReLU(), nn.Linear(6, 1000))


def too_few(shape: Shape, classes: int) -> nn.Module:
    """Fewer scores than classes."""
    return nn.Sequential(*flat(shape), nn.Tanh(), nn.Linear(6, 2))


def unflattened(shape: Shape, classes: int) -> nn.Module:
    """Scores as maps of one pixel."""
    return nn.Sequential(nn.Conv2d(shape[0], classes, 3), nn.AdaptiveAvgPool2d(1))


class _Two(Net):
    def forward(self, x: Tensor) -> object:
        return super().forward(x), super().forward(x)


def two_heads(shape: Shape, classes: int) -> nn.Module:
    """Two tensors that could both be the scores."""
    return _Two(shape, classes)


class _Nothing(Net):
    def forward(self, x: Tensor) -> object:
        return None


def nothing(shape: Shape, classes: int) -> nn.Module:
    """A forward pass without a return."""
    return _Nothing(shape, classes)


class Undefined(Net):
    """Its scores are no numbers."""

    def special(self, x: Tensor) -> Tensor:
        return x * math.nan
