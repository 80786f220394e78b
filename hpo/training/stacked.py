"""Networks that torch.func can compute together, in lanes."""

import copy
from collections.abc import Collection, Mapping, Sequence

import torch
from torch import Tensor, nn
from torch.func import functional_call, grad_and_value, vmap
from torch.nn import functional

from .importing import staying
from .network import Tensors


class StackedLanes:
    """The lanes' networks under torch.func.vmap; see network.Gradients. They draw nothing but the masks that they are given."""

    def __init__(self, network: nn.Module, parameters: Tensors, buffers: Tensors, idle: Collection[str] = ()) -> None:
        """Lanes like a network; the parameters that are `idle` have no part in its output."""
        self.parameters, self.buffers = parameters, buffers
        self.copies: Tensors = {}
        lanes = range(len(next(iter(parameters.values()))))
        self.without: Mapping[str, Sequence[int]] = dict.fromkeys(idle, lanes)
        self._network = copy.deepcopy(network).to("meta")

    @staying()
    def step(self, x: Tensor, y: Tensor, masks: Tensors, key: Sequence[int] = ()) -> tuple[Tensor, Tensor, Tensors]:
        """See network.Gradients."""
        own = 0 if x.dim() == 5 else None
        buffers = {**self.buffers, **{f"{name}.mask": mask for name, mask in masks.items()}}
        self._network.train()
        gradient = vmap(grad_and_value(self._loss, has_aux=True), in_dims=(0, 0, own, own), randomness="error")
        gradients, (losses, (correct, buffers)) = gradient(self.parameters, buffers, x, y)
        for name, buffer in self.buffers.items():
            buffer.copy_(buffers[name])
        return losses, correct, gradients

    def _loss(self, parameters: Tensors, buffers: Tensors, x: Tensor, y: Tensor) -> tuple[Tensor, tuple[Tensor, Tensors]]:
        # In the one dictionary that functional_call is given, it leaves the buffers that `forward` has assigned anew.
        tensors = {**parameters, **{name: buffer.clone() for name, buffer in buffers.items()}}
        scores = functional_call(self._network, tensors, (x,))
        return functional.cross_entropy(scores, y), ((scores.argmax(1) == y).sum(), {name: tensors[name] for name in buffers})

    @staying()
    @torch.no_grad()
    def evaluate(self, x: Tensor, y: Tensor, key: Sequence[int] = ()) -> tuple[Tensor, Tensor]:
        """See network.Gradients."""
        self._network.eval()

        def scores_of(parameters: Tensors, buffers: Tensors) -> Tensor:
            return functional_call(self._network, (parameters, buffers), (x,))  # type: ignore[no-any-return]

        return totals(vmap(scores_of, randomness="error")(self.parameters, self.buffers), y)


def totals(scores: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    """Sums of losses (L,), and which of the answers are right, (L, B) of bool, by scores (L, B, C) and labels (B,)."""
    losses = torch.stack([functional.cross_entropy(lane, y, reduction="sum") for lane in scores])
    return losses, scores.argmax(2) == y
