"""The networks of a job, stacked: every parameter and buffer has the lanes as its leading axis."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

import torch
from torch import Tensor, nn

from .. import models
from ..seeds import derive
from ..spec import CnnSpec, FactorySpec, LinearSpec, MlpSpec, ModelSpec, NormalInit
from ..spec.model import Init
from .factory import from_factory
from .importing import staying
from .job import Lane
from .randomness import seeded

Tensors = dict[str, Tensor]


class Gradients(Protocol):
    """What a step needs of the lanes' networks. L lanes, B images, C classes."""

    parameters: Tensors
    """By name, (L, ...). The optimizer writes into them."""
    buffers: Tensors
    """By name, (L, ...), such as moving averages."""
    copies: Tensors
    """Of parameters, by name, in the precision that products are taken in. The optimizer keeps them up to date."""
    without: Mapping[str, Sequence[int]]
    """Lanes in whose last step a parameter had no part, so that it has no gradient, by the parameter's name."""

    def step(self, x: Tensor, y: Tensor, masks: Tensors, key: Sequence[int] = ()) -> tuple[Tensor, Tensor, Tensors]:
        """Losses (L,), correct answers (L,) and the gradients of the losses by parameter name.

        x is (B, ...) when the lanes share their minibatch and (L, B, ...) when each has its own; y is (B,) or (L, B);
        masks hold the dropout masks (L, B, ...) by the name of the layer; whatever else a network draws follows from the key.
        """
        ...

    def evaluate(self, x: Tensor, y: Tensor, key: Sequence[int] = ()) -> tuple[Tensor, Tensor]:
        """Sums of losses (L,) over (B, ...) images, and which of the answers are right, (L, B) of bool, in evaluation mode."""
        ...


def build(model: ModelSpec, shape: tuple[int, int, int], classes: int, seed: int) -> nn.Module:
    """One network with initial weights that follow from `seed` alone.

    Raises UsageError when the user's factory cannot be imported or does not return an nn.Module.
    """
    generator = torch.Generator().manual_seed(seed)
    match model:
        case LinearSpec():
            return models.linear(shape, classes, init=_init(model.init), generator=generator)
        case MlpSpec():
            options = model.model_dump(exclude={"name", "init"})
            return models.mlp(shape, classes, **options, init=_init(model.init), generator=generator)
        case CnnSpec():
            options = model.model_dump(exclude={"name", "init"})
            return models.cnn(shape, classes, **options, init=_init(model.init), generator=generator)
        case FactorySpec():
            return from_factory(model, shape, classes, seed)


def _init(init: Init) -> models.Init:
    return models.Normal(init.std, init.bias_std) if isinstance(init, NormalInit) else init


def build_lanes(lanes: Sequence[Lane], seed: int, shape: tuple[int, int, int], classes: int) -> list[nn.Module]:
    """The lanes' networks, each initialised by (study seed, trial number, replicate)."""
    return [build(lane.model, shape, classes, derive(seed, "init", lane.trial, lane.replicate)) for lane in lanes]


def stack(
    networks: Sequence[nn.Module], device: torch.device, dtype: torch.dtype, channels_last: bool = True
) -> tuple[Tensors, Tensors]:
    """Parameters that train, and what else the networks hold: buffers and frozen parameters. By name, the network leading.

    Only real numbers take the type: an index stays whole, and a mask true or false. Filters may lie channels last.
    """

    def stacked(members: Sequence[dict[str, Tensor]]) -> Tensors:
        return {name: laid(_stacked([member[name].detach() for member in members], device, dtype)) for name in members[0]}

    laid = _laid_out if channels_last else torch.Tensor.contiguous
    return stacked([trained(network) for network in networks]), stacked([held(network) for network in networks])


def _stacked(members: Sequence[Tensor], device: torch.device, dtype: torch.dtype) -> Tensor:
    stacked = torch.stack(list(members))
    return stacked.to(device, dtype if stacked.is_floating_point() else stacked.dtype)


def trained(network: nn.Module) -> Tensors:
    """The parameters that training changes, by name."""
    return {name: parameter for name, parameter in network.named_parameters() if parameter.requires_grad}


def held(network: nn.Module) -> Tensors:
    """Buffers and frozen parameters, by name."""
    frozen = {name: parameter for name, parameter in network.named_parameters() if not parameter.requires_grad}
    return {**dict(network.named_buffers()), **frozen}


def _laid_out(stacked: Tensor) -> Tensor:
    """Filters of each lane channels last, as convolutions on images channels last want them; other tensors as they are.

    Cloned, not made contiguous: with one channel the strides would stay as they are, and PyTorch goes by them.
    """
    if stacked.dim() != 5:
        return stacked
    return stacked.movedim(2, 4).clone(memory_format=torch.contiguous_format).movedim(4, 2)


def penalised(parameters: Tensors) -> list[str]:
    """Names of the weights that the L2 penalty covers: matrices and filters, never biases or batch norm's parameters."""
    return [name for name, parameter in parameters.items() if parameter.dim() >= 3]


def squared_norms(parameters: Tensors) -> Tensor:
    """Sum of the squared weights of each lane, (L,)."""
    squares = [torch.linalg.vector_norm(parameters[name].flatten(1), dim=1).square() for name in penalised(parameters)]
    return torch.stack(squares).sum(0) if squares else torch.zeros(1)


class Mask(NamedTuple):
    """What a models.Dropout is to be given."""

    shape: tuple[int, ...]
    drop: float
    """The share that it takes away."""


def dropout_masks(network: nn.Module, shape: tuple[int, int, int], batch: int) -> dict[str, Mask]:
    """Every models.Dropout that has one use in a pass of a batch of images, by the layer's name, in the order of use.

    One with several draws for itself, as any other layer does that draws.
    """
    found: dict[str, list[Mask]] = {}
    layers = {layer: name for name, layer in network.named_modules() if isinstance(layer, models.Dropout)}

    def note(layer: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        assert isinstance(layer, models.Dropout)
        found.setdefault(layers[layer], []).append(Mask(tuple(inputs[0].shape), layer.p))

    hooks = [layer.register_forward_pre_hook(note) for layer in layers]
    if hooks:
        with torch.no_grad(), seeded(0), staying():
            network(torch.zeros(batch, *shape))
    for hook in hooks:
        hook.remove()
    return {name: masks[0] for name, masks in found.items() if len(masks) == 1}
