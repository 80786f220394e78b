"""Small convolutional networks: blocks of [convolution, ReLU, 2x2 max-pooling], one dense layer, the output.

The pooling is written ahead of its ReLU: the maximum of the ReLUs is the ReLU of the maximum, at a quarter of the work.
"""

from typing import Literal

import torch
from torch import nn

from .initialise import Init, initialise
from .layers import Dropout, MaxPool


def cnn(
    shape: tuple[int, int, int],
    classes: int,
    *,
    filters: int = 16,
    filter_size: int = 3,
    padding: Literal["same", "valid"] = "same",
    blocks: int = 2,
    dense: int = 128,
    dropout: float = 0.0,
    init: Init = "glorot",
    generator: torch.Generator | None = None,
) -> nn.Sequential:
    """A network for images of (channels, height, width); returns scores (batch, classes).

    Dropout, when above zero, comes after the last block and after the dense layer.
    """
    channels, height, width = shape
    layers: list[nn.Module] = []
    for _ in range(blocks):
        layers += [*_convolution(channels, filters, filter_size, padding), MaxPool(), nn.ReLU()]
        lost = 0 if padding == "same" else filter_size - 1
        channels, height, width = filters, (height - lost) // 2, (width - lost) // 2
    drop = [Dropout(dropout)] if dropout else []
    layers += [*drop, nn.Flatten(), nn.Linear(channels * height * width, dense), nn.ReLU()]
    layers += [*([Dropout(dropout)] if dropout else []), nn.Linear(dense, classes)]
    network = nn.Sequential(*layers)
    initialise(network, init, generator)
    return network


def _convolution(channels: int, filters: int, size: int, padding: Literal["same", "valid"]) -> list[nn.Module]:
    """A convolution; with an even size, `same` needs one more pixel on the right and below, which Conv2d warns of."""
    if padding == "valid" or size % 2 == 1:
        return [nn.Conv2d(channels, filters, size, padding=padding)]
    before, after = (size - 1) // 2, size // 2
    return [nn.ZeroPad2d((before, after, before, after)), nn.Conv2d(channels, filters, size)]
