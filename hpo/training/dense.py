"""Dense networks, many at a time, with the gradients written out.

All lanes' first layers are one wide product with the shared minibatch, the later layers are batched products, and nothing is
recorded for autograd. The arithmetic of a lane never mixes with a neighbour's.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol, TypeGuard

import torch
from torch import Tensor, nn
from torch.nn import functional

from .. import models
from .factory import tied
from .network import Tensors
from .products import LARGE, batched_times_transposed, times_transposed


class Layer(Protocol):
    """A layer of L lanes that remembers what its backward pass needs."""

    def forward(self, x: Tensor, training: bool) -> Tensor:
        """From (L, B, in), or the shared (B, in), to (L, B, out)."""
        ...

    def backward(self, gradient: Tensor, into: Tensors) -> Tensor:
        """From the gradient of the output, (L, B, out), to that of the input; the parameters' own go `into` the result."""
        ...


class Linear:
    """y = x W^T + b. Large products are taken in the precision asked for, from copies; small ones as the weights are."""

    def __init__(self, name: str, weight: Tensor, bias: Tensor | None, first: bool, precision: torch.dtype) -> None:
        self.name, self.weight, self.bias, self.first = name, weight, bias, first
        self.precision = precision if weight[0].numel() >= LARGE else weight.dtype
        self.copy = weight.to(self.precision)

    def forward(self, x: Tensor, training: bool) -> Tensor:
        """See Layer."""
        self.x = x.to(self.precision)
        product = self._shared() if x.dim() == 2 else batched_times_transposed(self.x, self.copy)
        product = product.to(self.weight.dtype).contiguous()
        return product if self.bias is None else product.add_(self.bias.unsqueeze(1))

    def _shared(self) -> Tensor:
        """All lanes' products with the minibatch that they share, as one wide product."""
        lanes, features, _ = self.copy.shape
        wide = times_transposed(self.x, self.copy.flatten(0, 1))
        return wide.view(len(self.x), lanes, features).permute(1, 0, 2)

    def backward(self, gradient: Tensor, into: Tensors) -> Tensor:
        """See Layer."""
        if self.bias is not None:
            into[f"{self.name}.bias"] = gradient.sum(1)
        small = gradient.to(self.precision)
        by_feature = small.transpose(1, 2)
        if self.x.dim() == 2:
            into[f"{self.name}.weight"] = times_transposed(by_feature.flatten(0, 1), self.x.t()).view(self.weight.shape)
        else:
            into[f"{self.name}.weight"] = batched_times_transposed(by_feature, self.x.transpose(1, 2))
        if self.first:
            return gradient
        return batched_times_transposed(small, self.copy.transpose(1, 2)).to(gradient.dtype)


class BatchNorm:
    """Normalised by the batch's own mean and 1/n variance; the backward pass is Ioffe and Szegedy (2015), section 3."""

    def __init__(self, name: str, layer: models.BatchNorm, parameters: Tensors, buffers: Tensors) -> None:
        self.name, self.decay, self.epsilon = name, layer.decay, layer.epsilon
        self.weight, self.bias = parameters.get(f"{name}.weight"), parameters.get(f"{name}.bias")
        self.mean, self.var = buffers[f"{name}.running_mean"], buffers[f"{name}.running_var"]
        self.batches = buffers[f"{name}.batches"]
        self.begun = bool((self.batches > 0).all())

    def forward(self, x: Tensor, training: bool) -> Tensor:
        """See Layer."""
        mean = x.mean(1) if training else self.mean
        centred = x - mean.unsqueeze(1)
        var = (centred * centred).mean(1) if training else self.var  # 14 times as fast as torch.var_mean along this axis.
        if training:
            self._remember(mean, var)
        self.scale = torch.rsqrt(var + self.epsilon).unsqueeze(1)
        self.normal = centred.mul_(self.scale)
        if self.weight is None or self.bias is None:
            return self.normal
        return torch.addcmul(self.bias.unsqueeze(1), self.normal, self.weight.unsqueeze(1))

    def _remember(self, mean: Tensor, var: Tensor) -> None:
        newest = 1 - self.decay if self.begun else 1.0
        self.mean.lerp_(mean, newest)
        self.var.lerp_(var, newest)
        self.batches.add_(1)
        self.begun = True

    def backward(self, gradient: Tensor, into: Tensors) -> Tensor:
        """See Layer."""
        total, along = gradient.sum(1, keepdim=True), (gradient * self.normal).sum(1, keepdim=True)
        scale = self.scale
        if self.weight is not None:
            into[f"{self.name}.bias"], into[f"{self.name}.weight"] = total.squeeze(1), along.squeeze(1)
            scale = scale * self.weight.unsqueeze(1)
        share = 1 / gradient.shape[1]
        return torch.addcmul(gradient, self.normal, along, value=-share).sub_(total, alpha=share).mul_(scale)


class ReLU:
    """max(0, x), with gradient 0 at 0 as in torch.nn."""

    def forward(self, x: Tensor, training: bool) -> Tensor:
        """See Layer."""
        self.y = torch.relu(x)
        return self.y

    def backward(self, gradient: Tensor, into: Tensors) -> Tensor:
        """See Layer."""
        return torch.ops.aten.threshold_backward(gradient, self.y, 0)  # type: ignore[no-any-return]


class Dropout:
    """Multiplies by the mask that the trainer has drawn."""

    mask: Tensor

    def forward(self, x: Tensor, training: bool) -> Tensor:
        """See Layer."""
        return x * self.mask if training else x

    def backward(self, gradient: Tensor, into: Tensors) -> Tensor:
        """See Layer."""
        return gradient * self.mask


def is_dense(network: nn.Module, classes: int) -> TypeGuard[nn.Sequential]:
    """Whether a network is a Sequential of one Flatten, then Linear, models.BatchNorm, ReLU and models.Dropout layers.

    No layer but ReLU may come twice, since a layer's parameters, buffers and masks have one name; all parameters train and
    are of one layer, and no hook has a say in what a layer gives.
    """
    if type(network) is not nn.Sequential or len(network) < 2 or not _flattens(network[0]):
        return False
    layers = list(network)[1:]
    once = [layer for layer in layers if type(layer) is not nn.ReLU]
    return (
        type(network[1]) is nn.Linear
        and all(type(layer) in {nn.Linear, models.BatchNorm, nn.ReLU, models.Dropout} for layer in layers)
        and len(set(once)) == len(once)
        and all(parameter.requires_grad for parameter in network.parameters())
        and not tied(network)
        and [layer.out_features for layer in layers if isinstance(layer, nn.Linear)][-1] == classes
        and not any(layer._forward_hooks or layer._forward_pre_hooks for layer in network)
        and max(len(network._forward_hooks), len(network._forward_pre_hooks)) <= OWN_HOOKS
    )


OWN_HOOKS = 1
"""Of either kind that a user's network has from its factory: a dense one neither writes into its input nor returns a tuple."""


def _flattens(layer: nn.Module) -> bool:
    return type(layer) is nn.Flatten and (layer.start_dim, layer.end_dim) == (1, -1) and not layer._forward_hooks


class DenseLanes:
    """The lanes' networks as one; see network.Gradients."""

    def __init__(self, network: nn.Sequential, parameters: Tensors, buffers: Tensors, precision: torch.dtype) -> None:
        self.parameters, self.buffers = parameters, buffers
        self.without: Mapping[str, Sequence[int]] = {}
        self._dropouts: dict[str, Dropout] = {}
        # Not named_children, which leaves a layer out that has come before, as one ReLU for all of a network.
        self._layers = [self._layer(name, layer, precision) for name, layer in list(network._modules.items())[1:] if layer]
        linear = [layer for layer in self._layers if isinstance(layer, Linear)]
        self.copies = {f"{layer.name}.weight": layer.copy for layer in linear if layer.copy is not layer.weight}

    def _layer(self, name: str, layer: nn.Module, precision: torch.dtype) -> Layer:
        match layer:
            case nn.Linear():
                weight, bias = self.parameters[f"{name}.weight"], self.parameters.get(f"{name}.bias")
                return Linear(name, weight, bias, first=name == "1", precision=precision)
            case models.BatchNorm():
                return BatchNorm(name, layer, self.parameters, self.buffers)
            case models.Dropout():
                self._dropouts[name] = Dropout()
                return self._dropouts[name]
        return ReLU()

    def step(self, x: Tensor, y: Tensor, masks: Tensors, key: Sequence[int] = ()) -> tuple[Tensor, Tensor, Tensors]:
        """See network.Gradients."""
        for name, dropout in self._dropouts.items():
            dropout.mask = masks[name]
        scores = self._forward(x.flatten(1) if x.dim() == 4 else x.flatten(2), training=True)
        losses, correct, gradient = softmax_loss(scores, y)
        gradients: Tensors = {}
        for layer in reversed(self._layers):
            gradient = layer.backward(gradient, gradients)
        return losses.mean(1), correct, gradients

    def evaluate(self, x: Tensor, y: Tensor, key: Sequence[int] = ()) -> tuple[Tensor, Tensor]:
        """See network.Gradients."""
        scores = self._forward(x.flatten(1), training=False)
        by_class = scores.transpose(1, 2).contiguous()
        losses = functional.nll_loss(torch.log_softmax(by_class, dim=1), y.expand(len(scores), -1), reduction="none")
        return losses.sum(1), scores.argmax(2) == y

    def _forward(self, x: Tensor, training: bool) -> Tensor:
        for layer in self._layers:
            x = layer.forward(x, training)
        return x


def softmax_loss(scores: Tensor, y: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Cross-entropy of each image, (L, B), correct answers of each lane, (L,), and the gradient of the mean loss, (L, B, C).

    y is (B,) or (L, B).
    """
    by_class = scores.transpose(1, 2).contiguous()  # A softmax along a last axis of ten takes 20 times as long.
    logarithms = torch.log_softmax(by_class, dim=1)
    labels = y.expand(len(scores), -1).unsqueeze(1)
    losses = -logarithms.gather(1, labels).squeeze(1)
    correct = (scores.argmax(2) == labels.squeeze(1)).sum(1)
    gradient = logarithms.exp_()
    gradient.scatter_add_(1, labels, torch.full_like(labels, -1, dtype=scores.dtype))
    return losses, correct, gradient.div_(scores.shape[1]).transpose(1, 2).contiguous()
