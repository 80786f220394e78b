"""Any nn.Module: in lanes where torch.func can stack it, one network after the other where it cannot."""

import copy
from contextlib import nullcontext

import torch
from torch import Tensor, nn
from torch.func import functional_call, grad_and_value, vmap
from torch.nn import functional

from . import bfloat16
from .network import Tensors

TOGETHER = 100
"""Images that pass through a separate network at once in evaluation: what 500 of 28x28 leave behind 55 filters is 43 MB."""


class StackedLanes:
    """The lanes' networks under torch.func.vmap; see network.Gradients."""

    def __init__(self, network: nn.Module, parameters: Tensors, buffers: Tensors) -> None:
        self.parameters, self.buffers = parameters, buffers
        self.copies: Tensors = {}
        self._network = copy.deepcopy(network).to("meta")

    def step(self, x: Tensor, y: Tensor, masks: Tensors) -> tuple[Tensor, Tensor, Tensors]:
        """See network.Gradients."""
        own = 0 if x.dim() == 5 else None
        buffers = {**self.buffers, **{f"{name}.mask": mask for name, mask in masks.items()}}
        self._network.train()
        gradient = vmap(grad_and_value(self._loss, has_aux=True), in_dims=(0, 0, own, own), randomness="different")
        gradients, (losses, (correct, buffers)) = gradient(self.parameters, buffers, x, y)
        for name, buffer in self.buffers.items():
            buffer.copy_(buffers[name])
        return losses, correct, gradients

    def _loss(self, parameters: Tensors, buffers: Tensors, x: Tensor, y: Tensor) -> tuple[Tensor, tuple[Tensor, Tensors]]:
        buffers = {name: buffer.clone() for name, buffer in buffers.items()}
        scores = functional_call(self._network, (parameters, buffers), (x,))
        return functional.cross_entropy(scores, y), ((scores.argmax(1) == y).sum(), buffers)

    @torch.no_grad()
    def evaluate(self, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        """See network.Gradients."""
        self._network.eval()

        def scores_of(parameters: Tensors, buffers: Tensors) -> Tensor:
            return functional_call(self._network, (parameters, buffers), (x,))  # type: ignore[no-any-return]

        return _totals(vmap(scores_of, randomness="different")(self.parameters, self.buffers), y)


class SeparateLanes:
    """The lanes' networks one after the other through autograd; see network.Gradients.

    Images are laid out channels last and products may be taken in bfloat16: measured with one thread of an EPYC with AVX-512, a
    step of two blocks of 47 filters 5x5 on 96 images of 28x28 takes 59 ms as is, 39 ms channels last, 27 ms with both.
    """

    def __init__(self, network: nn.Module, parameters: Tensors, buffers: Tensors, precision: torch.dtype) -> None:
        self.parameters, self.buffers = parameters, buffers
        self.copies: Tensors = {}
        self._precision = precision
        self._has_images = any(isinstance(layer, nn.Conv2d) for layer in network.modules())
        self._networks = [self._view(network, lane) for lane in range(len(next(iter(parameters.values()))))]

    def _view(self, network: nn.Module, lane: int) -> nn.Module:
        """A copy of the network whose parameters and buffers are the lane's slices of the stacked ones."""
        view = copy.deepcopy(network)
        for name, parameter in self.parameters.items():
            _owner(view, name)._parameters[name.rpartition(".")[2]] = nn.Parameter(parameter[lane])
        for name, buffer in self.buffers.items():
            _owner(view, name)._buffers[name.rpartition(".")[2]] = buffer[lane]
        return view

    def step(self, x: Tensor, y: Tensor, masks: Tensors) -> tuple[Tensor, Tensor, Tensors]:
        """See network.Gradients."""
        outcomes = [self._step(lane, x, y, masks) for lane in range(len(self._networks))]
        gradients = {name: _stacked([each[name] for _, _, each in outcomes]) for name in self.parameters}
        return _stacked([loss for loss, _, _ in outcomes]), _stacked([correct for _, correct, _ in outcomes]), gradients

    def _step(self, lane: int, x: Tensor, y: Tensor, masks: Tensors) -> tuple[Tensor, Tensor, Tensors]:
        network = self._networks[lane].train()
        for name, mask in masks.items():
            network.get_submodule(name)._buffers["mask"] = mask[lane]
        own = x.dim() == 5
        scores, labels = self._scores(network, x[lane] if own else x), y[lane] if own else y
        loss = functional.cross_entropy(scores, labels)
        names, parameters = zip(*network.named_parameters(), strict=True)
        gradients = torch.autograd.grad(loss, parameters, materialize_grads=True)
        return loss.detach(), (scores.argmax(1) == labels).sum(), dict(zip(names, gradients, strict=True))

    @torch.no_grad()
    def evaluate(self, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        """See network.Gradients."""
        scores = [torch.cat([self._scores(network.eval(), part) for part in x.split(TOGETHER)]) for network in self._networks]
        return _totals(_stacked(scores), y)

    def _scores(self, network: nn.Module, x: Tensor) -> Tensor:
        if self._has_images:
            x = _channels_last(x)
        with bfloat16.autocast(x.device.type) if self._precision is torch.bfloat16 else nullcontext():
            scores: Tensor = network(x)
        return scores.to(x.dtype)


def _channels_last(x: Tensor) -> Tensor:
    """The images (batch, channels, height, width) with their channels side by side in memory, and with strides that say so.

    Grey images lie in memory as both layouts have it. `contiguous` then leaves the strides of channels first, by which a
    convolution picks the layout of everything after it: twice as slow, and four times in evaluating.
    """
    _, channels, height, width = x.shape
    return x.contiguous(memory_format=torch.channels_last).as_strided(
        x.shape, (channels * height * width, 1, width * channels, channels)
    )


def _owner(network: nn.Module, name: str) -> nn.Module:
    return network.get_submodule(name.rpartition(".")[0])


def _stacked(lanes: list[Tensor]) -> Tensor:
    """With the lanes as the leading axis; of one, which is the rule, a view."""
    return lanes[0].unsqueeze(0) if len(lanes) == 1 else torch.stack(lanes)


def _totals(scores: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    losses = torch.stack([functional.cross_entropy(lane, y, reduction="sum") for lane in scores])
    return losses, scores.argmax(2) == y


def refusal(network: nn.Module, shape: tuple[int, int, int]) -> str | None:
    """Why torch.func cannot stack a network: the operation that it stumbled on, in its own words; None when it can."""
    probe = copy.deepcopy(network)
    parameters = {name: torch.stack([p.detach()] * 2) for name, p in probe.named_parameters()}
    buffers = {name: torch.stack([b.detach()] * 2) for name, b in probe.named_buffers()}
    lanes = StackedLanes(probe, parameters, buffers)
    x = torch.zeros(2, *shape, dtype=next(iter(parameters.values())).dtype)
    try:
        lanes.step(x, torch.zeros(2, dtype=torch.long), {})
    except (RuntimeError, ValueError) as error:  # NotImplementedError is a RuntimeError.
        return " ".join(str(error).split("\n")[0].split())
    return None


def why_separate(network: nn.Module, shape: tuple[int, int, int], device: torch.device) -> str | None:
    """Why networks like this one train one after the other; None when they are to be stacked."""
    if device.type == "cpu" and any(isinstance(layer, nn.Conv2d) for layer in network.modules()):
        return "stacked convolutions are slower than separate ones on a CPU"
    reason = refusal(network, shape)
    return None if reason is None else f"torch.func cannot stack it: {reason}"
