"""How large a network is, and how much work its training takes: what does not depend on the machine or its load."""

from functools import lru_cache
from math import prod
from typing import NamedTuple

import torch
from torch import Tensor, nn

from ..spec import ModelSpec
from .importing import folders
from .network import build, trained
from .randomness import seeded


class Size(NamedTuple):
    """Of one network."""

    parameters: int
    """Numbers that training changes."""
    multiply_adds: int
    """Of dense layers and convolutions, for one image forwards."""


def size(model: ModelSpec, shape: tuple[int, int, int], classes: int) -> Size:
    """The size of a network for images (channels, height, width)."""
    return _size(type(model), model.model_dump_json(), shape, classes, folders())


@lru_cache(maxsize=256)
def _size(kind: type[ModelSpec], settings: str, shape: tuple[int, int, int], classes: int, found_in: tuple[str, ...]) -> Size:
    network, counted = build(kind.model_validate_json(settings), shape, classes, seed=0), 0

    def count(layer: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        nonlocal counted
        weight = layer.weight
        assert isinstance(weight, Tensor)
        # Each weight of a convolution is used once for every place of the output, that of a dense layer once.
        counted += weight.numel() * (prod(output.shape[2:]) if weight.dim() > 2 else 1)

    for layer in network.modules():
        if isinstance(layer, nn.Linear | nn.Conv2d) and not isinstance(layer, torch.jit.ScriptModule):
            layer.register_forward_hook(count)
    with torch.no_grad(), seeded(0):
        network.eval()(torch.zeros(1, *shape))
    return Size(sum(each.numel() for each in trained(network).values()), counted)
