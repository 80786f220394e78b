"""Networks of a user's own, for the tests."""

from typing import Any

import torch
from torch import Tensor, nn


def tanh(shape: tuple[int, int, int], classes: int, width: int = 4) -> nn.Module:
    """A network that torch.func can stack."""
    inputs = shape[0] * shape[1] * shape[2]
    return nn.Sequential(nn.Flatten(), nn.Linear(inputs, width), nn.Tanh(), nn.LayerNorm(width), nn.Linear(width, classes))


class Branching(nn.Module):
    """Decides by a value of its input, which torch.func cannot stack."""

    def __init__(self, inputs: int, classes: int) -> None:
        super().__init__()
        self.layer = nn.Linear(inputs, classes)

    def forward(self, x: Tensor) -> Tensor:
        """Scores (batch, classes)."""
        scores: Tensor = self.layer(x.flatten(1))
        return scores * 2 if scores.sum().item() > 0 else scores


def branching(shape: tuple[int, int, int], classes: int) -> nn.Module:
    """A network that torch.func cannot stack."""
    return Branching(shape[0] * shape[1] * shape[2], classes)


def reused(shape: tuple[int, int, int], classes: int, linear: bool = False) -> nn.Module:
    """One ReLU in two places; and one linear layer in two, if asked for."""
    inputs = shape[0] * shape[1] * shape[2]
    relu, layer = nn.ReLU(), nn.Linear(6, 6)
    nn.init.normal_(layer.weight, std=0.1)
    layers = [layer, relu, layer] if linear else [layer]
    return nn.Sequential(nn.Flatten(), nn.Linear(inputs, 6), relu, *layers, relu, nn.Linear(6, classes))


def no_network(shape: tuple[int, int, int], classes: int) -> Any:
    """Returns something else than a network."""
    return torch.zeros(classes)
