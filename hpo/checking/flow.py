"""What one forward and backward pass of a network shows: units that never fire, and a gradient that fades on its way back."""

from collections.abc import Callable
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from .images import Images

Hook = Callable[[nn.Module, tuple[Tensor, ...], Tensor], Tensor | None]


class Flow(NamedTuple):
    """One pass of a minibatch through a network in training mode."""

    silent: dict[str, float]
    """By ReLU layer: share of its units, or feature maps, that are 0 for every image."""
    reach: float
    """Size of the loss's gradient at the output of the first layer with weights, over that at the last: root mean squares of the
    images' gradient norms. NaN with fewer than two such layers, and when the network cannot be followed."""


def flow(network: nn.Module, images: Images) -> Flow:
    """Follow one minibatch forth and back."""
    fired: dict[str, float] = {}
    outputs: list[Tensor] = []
    hooks = [
        layer.register_forward_hook(_watch(name, layer, fired, outputs))
        for name, layer in network.named_modules()
        if isinstance(layer, nn.Linear | nn.Conv2d | nn.ReLU)
    ]
    try:
        loss = functional.cross_entropy(network(images.x), images.y)
    finally:
        for hook in hooks:
            hook.remove()
    if len(outputs) < 2:
        return Flow(fired, float("nan"))
    first, last = (
        float("nan") if gradient is None else float(gradient.norm())
        for gradient in torch.autograd.grad(loss, (outputs[0], outputs[-1]), allow_unused=True)
    )
    return Flow(fired, first / last if last else float("nan"))


def _watch(name: str, layer: nn.Module, fired: dict[str, float], outputs: list[Tensor]) -> Hook:
    def relu(module: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        units = output.detach().movedim(1, 0).flatten(1)
        fired[name] = float((units.amax(1) <= 0).double().mean())

    def weighted(module: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> Tensor:
        outputs.append(output)
        return output.clone()  # An in-place layer behind must not overwrite what is asked for.

    return relu if isinstance(layer, nn.ReLU) else weighted
