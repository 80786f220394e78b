"""Networks that draw random numbers."""

import random

import numpy as np
import torch
from hpo.models import Dropout
from torch import Tensor, nn
from torch.nn import functional

from .base import Net, Shape


class Drawing(Net):
    """Numbers from one of the global generators, in training alone or always."""

    def __init__(self, shape: Shape, classes: int, kind: str, always: bool = False) -> None:
        super().__init__(shape, classes)
        self.kind, self.always = kind, always
        self.layer = {"dropout": nn.Dropout(0.3), "alpha": nn.AlphaDropout(0.2)}.get(kind)
        if kind == "skip":
            self.more = nn.Linear(6, 6)

    def special(self, x: Tensor) -> Tensor:
        if not (self.training or self.always):
            return x
        match self.kind:
            case "noise":
                return x + 0.1 * torch.randn_like(x)
            case "numpy":
                return x + 0.1 * torch.from_numpy(np.random.standard_normal(x.shape)).to(x)  # as people do
            case "python":
                return x * random.uniform(0.9, 1.1)
            case "skip":
                return torch.tanh(self.more(x)) if random.random() < 0.5 else x
        assert self.layer is not None
        return self.layer(x)  # type: ignore[no-any-return]


class DrawingFilters(nn.Module):
    """Dropout of whole feature maps."""

    def __init__(self, shape: Shape, classes: int) -> None:
        super().__init__()
        self.body = nn.Sequential(nn.Conv2d(shape[0], 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Dropout2d(0.3), nn.Flatten())
        self.head = nn.Linear(4 * (shape[1] - 2) * (shape[2] - 2), classes)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.body(x))  # type: ignore[no-any-return]


def functional_dropout(shape: Shape, classes: int) -> nn.Module:
    """functional.dropout, which is on in evaluation too."""

    class Always(Net):
        def special(self, x: Tensor) -> Tensor:
            return functional.dropout(x, 0.2)

    return Always(shape, classes)


class OwnDropout(Net):
    """hpo's own dropout layer, once or twice."""

    def __init__(self, shape: Shape, classes: int, share: float, twice: bool) -> None:
        super().__init__(shape, classes)
        self.drop, self.twice = Dropout(share), twice

    def special(self, x: Tensor) -> Tensor:
        x = self.drop(x)
        return self.drop(x) if self.twice else x


def own_dropout(shape: Shape, classes: int, share: float = 0.3, twice: bool = False) -> nn.Module:
    """See OwnDropout."""
    return OwnDropout(shape, classes, share, twice)
