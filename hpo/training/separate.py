"""Any nn.Module: one network after the other, as PyTorch itself would train it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import nullcontext

import torch
from torch import Tensor, nn
from torch.nn import functional

from ..errors import UsageError
from . import bfloat16
from .importing import staying
from .network import Tensors, held, trained
from .randomness import LaneSeeds
from .stacked import totals

TOGETHER = 100
"""Images that pass through a separate network at once in evaluation: what 500 of 28x28 leave behind 55 filters is 43 MB."""


class SeparateLanes:
    """The lanes' networks one after the other through autograd; see network.Gradients.

    Images are laid out channels last and products may be taken in bfloat16: measured with one thread of an EPYC with AVX-512, a
    step of two blocks of 47 filters 5x5 on 96 images of 28x28 takes 59 ms as is, 39 ms channels last, 27 ms with both.
    """

    def __init__(
        self,
        networks: Sequence[nn.Module],
        parameters: Tensors,
        buffers: Tensors,
        precision: torch.dtype,
        seeds: LaneSeeds | None = None,
        channels_last: bool = True,
    ) -> None:
        """Networks that compute with their lanes of the stacked tensors from now on; `seeds`, of those that may draw numbers."""
        self.parameters, self.buffers = parameters, buffers
        self.copies: Tensors = {}
        self.without: Mapping[str, Sequence[int]] = {}
        self._precision, self._seeds = precision, seeds
        self._channels_last = channels_last and any(isinstance(layer, nn.Conv2d) for layer in networks[0].modules())
        self._networks = list(networks)
        self._trained = [trained(network) for network in networks]
        for lane, network in enumerate(networks):
            for name, tensor in {**self._trained[lane], **held(network)}.items():
                tensor.data = self._own(name, lane)

    def _own(self, name: str, lane: int) -> Tensor:
        return (self.parameters if name in self.parameters else self.buffers)[name][lane]

    @staying()
    def step(self, x: Tensor, y: Tensor, masks: Tensors, key: Sequence[int] = ()) -> tuple[Tensor, Tensor, Tensors]:
        """See network.Gradients."""
        without: dict[str, list[int]] = defaultdict(list)
        outcomes = [self._step(lane, x, y, masks, key) for lane in range(len(self._networks))]
        for lane, (_, _, found) in enumerate(outcomes):
            for name in self.parameters.keys() - found.keys():
                without[name].append(lane)
                found[name] = torch.zeros_like(self.parameters[name][lane])
        self.without = without
        gradients = {name: _stacked([each[name] for _, _, each in outcomes]) for name in self.parameters}
        return _stacked([loss for loss, _, _ in outcomes]), _stacked([correct for _, correct, _ in outcomes]), gradients

    def _step(self, lane: int, x: Tensor, y: Tensor, masks: Tensors, key: Sequence[int]) -> tuple[Tensor, Tensor, Tensors]:
        """The gradients are those of the parameters that have a part in the loss."""
        network = self._networks[lane].train()
        for name, mask in masks.items():
            network.get_submodule(name)._buffers["mask"] = mask[lane]
        own = x.dim() == 5
        labels = y[lane] if own else y
        self._sow(lane, "forward", key)
        scores = self._scores(network, x[lane] if own else x)
        if not scores.requires_grad:
            raise UsageError(
                "what a network returns must depend on parameters that train, got scores that do not:"
                " leave out what detaches them, or turns gradients off"
            )
        loss = functional.cross_entropy(scores, labels)
        found = _gradients(loss, self._trained[lane])
        self._keep(lane)
        return loss.detach(), (scores.argmax(1) == labels).sum(), found

    @staying()
    @torch.no_grad()
    def evaluate(self, x: Tensor, y: Tensor, key: Sequence[int] = ()) -> tuple[Tensor, Tensor]:
        """See network.Gradients."""
        return totals(_stacked([self._evaluate(lane, x, key) for lane in range(len(self._networks))]), y)

    def _evaluate(self, lane: int, x: Tensor, key: Sequence[int]) -> Tensor:
        network = self._networks[lane].eval()
        self._sow(lane, "evaluation", key)
        scores = torch.cat([self._scores(network, part) for part in x.split(TOGETHER)])
        self._keep(lane)
        return scores

    def _scores(self, network: nn.Module, x: Tensor) -> Tensor:
        if self._channels_last:
            x = _channels_last(x)
        with bfloat16.autocast(x.device.type) if self._precision is torch.bfloat16 else nullcontext():
            scores: Tensor = network(x)
        return scores.to(x.dtype)

    def _sow(self, lane: int, purpose: str, key: Sequence[int]) -> None:
        if self._seeds is not None:
            self._seeds.sow(lane, purpose, key)

    def _keep(self, lane: int) -> None:
        """Take over what `forward` has assigned anew instead of writing into it."""
        if self._seeds is None:
            return
        network = self._networks[lane]
        for name, tensor in {**dict(network.named_buffers()), **dict(network.named_parameters())}.items():
            if name not in self.parameters and name not in self.buffers:
                continue
            _check_frozen(name, tensor, name in self.buffers)
            own = self._own(name, lane)
            if tensor.data_ptr() != own.data_ptr() or tensor.shape != own.shape:
                _check_shape(name, own, tensor)
                own.copy_(tensor.detach())
                _put(network, name, tensor, own)


def _gradients(loss: Tensor, parameters: Tensors) -> Tensors:
    """Of those that have one. By `backward`, as in any loop: some layers refuse torch.autograd.grad."""
    loss.backward()
    found = {name: parameter.grad for name, parameter in parameters.items() if parameter.grad is not None}
    for parameter in parameters.values():
        parameter.grad = None
    return {name: gradient.to_dense() if gradient.is_sparse else gradient for name, gradient in found.items()}


def _check_frozen(name: str, tensor: Tensor, frozen: bool) -> None:
    if frozen and tensor.requires_grad and isinstance(tensor, nn.Parameter):
        raise UsageError(
            f"a parameter that is frozen when the network is built stays frozen, got {name}, which `forward` lets train:"
            " build it with requires_grad=True, and set it to False in `forward` until then"
        )


def _check_shape(name: str, own: Tensor, tensor: Tensor) -> None:
    if tensor.shape != own.shape:
        raise UsageError(
            f"a buffer keeps its shape, got {tuple(tensor.shape)} for {name}, which began as {tuple(own.shape)}:"
            " register it as it is to stay"
        )


def _put(network: nn.Module, name: str, tensor: Tensor, own: Tensor) -> None:
    """Have a network compute with a lane's tensor again."""
    if isinstance(tensor, nn.Parameter):
        tensor.data = own
    else:  # Another object, since the one that was assigned may hang on a graph.
        owner, _, last = name.rpartition(".")
        setattr(network.get_submodule(owner), last, own)


def _channels_last(x: Tensor) -> Tensor:
    """The images (batch, channels, height, width) with their channels side by side in memory, and with strides that say so.

    Grey images lie in memory as both layouts have it. `contiguous` then leaves the strides of channels first, by which a
    convolution picks the layout of everything after it: twice as slow, and four times in evaluating.
    """
    _, channels, height, width = x.shape
    return x.contiguous(memory_format=torch.channels_last).as_strided(
        x.shape, (channels * height * width, 1, width * channels, channels)
    )


def _stacked(lanes: list[Tensor]) -> Tensor:
    """With the lanes as the leading axis; of one, which is the rule, a view."""
    return lanes[0].unsqueeze(0) if len(lanes) == 1 else torch.stack(lanes)
