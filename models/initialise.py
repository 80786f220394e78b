"""Initial weights by name, drawn from a generator of the caller's."""

import math
from typing import Literal, NamedTuple

import torch
from torch import Tensor, nn


class Normal(NamedTuple):
    """Weights from N(0, std^2), biases from N(0, bias_std^2)."""

    std: float
    bias_std: float = 0.0


Init = Literal["he", "glorot", "lecun"] | Normal


def initialise(network: nn.Module, init: Init, generator: torch.Generator | None = None) -> None:
    """Draw the weights of every dense and convolutional layer anew, in the order of the layers; biases are zero unless Normal.

    he: N(0, 2 / fan_in) (He et al., 2015); glorot: uniform on +-sqrt(6 / (fan_in + fan_out)) (Glorot and Bengio, 2010);
    lecun: N(0, 1 / fan_in) (LeCun et al., 1998).
    """
    for layer in network.modules():
        if isinstance(layer, nn.Linear | nn.Conv2d):
            _draw(layer.weight, init, generator)
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)
                if isinstance(init, Normal) and init.bias_std > 0:
                    nn.init.normal_(layer.bias, std=init.bias_std, generator=generator)


def _draw(weight: Tensor, init: Init, generator: torch.Generator | None) -> None:
    fan_in, fan_out = nn.init._calculate_fan_in_and_fan_out(weight)
    match init:
        case "glorot":
            limit = math.sqrt(6 / (fan_in + fan_out))
            nn.init.uniform_(weight, -limit, limit, generator=generator)
        case "he":
            nn.init.normal_(weight, std=math.sqrt(2 / fan_in), generator=generator)
        case "lecun":
            nn.init.normal_(weight, std=math.sqrt(1 / fan_in), generator=generator)
        case Normal(std):
            nn.init.normal_(weight, std=std, generator=generator)
