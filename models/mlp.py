"""Dense networks of any depth, with or without batch norm."""

import math
from collections.abc import Sequence

import torch
from torch import nn

from .initialise import Init, initialise
from .layers import BatchNorm, Dropout


def mlp(
    shape: tuple[int, int, int],
    classes: int,
    *,
    hidden: Sequence[int] = (50,),
    batch_norm: bool = False,
    scale_and_shift: bool = False,
    dropout: float = 0.0,
    init: Init = "he",
    generator: torch.Generator | None = None,
) -> nn.Sequential:
    """Dense layers for images of (channels, height, width), each [dense, batch norm, ReLU, dropout]; scores (batch, classes)."""
    layers: list[nn.Module] = [nn.Flatten()]
    width = math.prod(shape)
    for features in hidden:
        layers.append(nn.Linear(width, features))
        if batch_norm:
            layers.append(BatchNorm(features, scale_and_shift))
        layers.append(nn.ReLU())
        if dropout:
            layers.append(Dropout(dropout))
        width = features
    network = nn.Sequential(*layers, nn.Linear(width, classes))
    initialise(network, init, generator)
    return network
