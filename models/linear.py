"""Softmax regression."""

import math

import torch
from torch import nn

from .initialise import Init, initialise


def linear(
    shape: tuple[int, int, int], classes: int, *, init: Init = "lecun", generator: torch.Generator | None = None
) -> nn.Sequential:
    """One weight matrix and a bias for images of (channels, height, width); returns scores (batch, classes)."""
    network = nn.Sequential(nn.Flatten(), nn.Linear(math.prod(shape), classes))
    initialise(network, init, generator)
    return network
