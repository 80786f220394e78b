"""The networks of a job, stacked: every parameter and buffer has the lanes as its leading axis."""

import importlib
from collections.abc import Callable, Sequence
from typing import Protocol

import torch
from torch import Tensor, nn

from .. import models
from ..errors import UsageError
from ..seeds import derive
from ..spec import CnnSpec, FactorySpec, LinearSpec, MlpSpec, ModelSpec, NormalInit
from ..spec.model import Init
from .job import Lane

Tensors = dict[str, Tensor]


class Gradients(Protocol):
    """What a step needs of the lanes' networks. L lanes, B images, C classes."""

    parameters: Tensors
    """By name, (L, ...). The optimizer writes into them."""
    buffers: Tensors
    """By name, (L, ...), such as moving averages."""
    copies: Tensors
    """Of parameters, by name, in the precision that products are taken in. The optimizer keeps them up to date."""

    def step(self, x: Tensor, y: Tensor, masks: Tensors) -> tuple[Tensor, Tensor, Tensors]:
        """Losses (L,), correct answers (L,) and the gradients of the losses by parameter name.

        x is (B, ...) when the lanes share their minibatch and (L, B, ...) when each has its own; y is (B,) or (L, B);
        masks hold the dropout masks (L, B, ...) by the name of the layer.
        """
        ...

    def evaluate(self, x: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
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
            return _from_factory(model, shape, classes, seed)


def _init(init: Init) -> models.Init:
    return models.Normal(init.std, init.bias_std) if isinstance(init, NormalInit) else init


def _from_factory(model: FactorySpec, shape: tuple[int, int, int], classes: int, seed: int) -> nn.Module:
    factory = factory_of(model)
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        network = factory(shape, classes, **model.options())
    if not isinstance(network, nn.Module):
        raise UsageError(f"a factory returns an nn.Module, got {type(network).__name__} from {model.factory}")
    if tied := _tied(network):
        raise UsageError(
            f"no two layers of a network may have one tensor, got {' = '.join(tied)} from {model.factory}:"
            " give each layer its own"
        )
    return network


def _tied(network: nn.Module) -> list[str]:
    """Names of one tensor that several layers have: in lanes each would go its own way. One layer may be used many times."""
    names: dict[int, list[str]] = {}
    for place, layer in network.named_modules():
        for name, tensor in (*layer._parameters.items(), *layer._buffers.items()):
            if tensor is not None:
                names.setdefault(id(tensor), []).append(f"{place}.{name}".lstrip("."))
    return next((each for each in names.values() if len(each) > 1), [])


def factory_of(model: FactorySpec) -> Callable[..., object]:
    """The function that the study file names. Raises UsageError when there is none."""
    module, _, name = model.factory.partition(":")
    try:
        return getattr(importlib.import_module(module), name)  # type: ignore[no-any-return]  # checked by the caller
    except ImportError as error:
        raise UsageError(f"factory must be importable, got {model.factory}: {error}; is its folder on PYTHONPATH?") from error
    except AttributeError:
        raise UsageError(f"factory must name a function of its module, got {model.factory}: no '{name}' in {module}") from None


def build_lanes(lanes: Sequence[Lane], seed: int, shape: tuple[int, int, int], classes: int) -> list[nn.Module]:
    """The lanes' networks, each initialised by (study seed, trial number, replicate)."""
    return [build(lane.model, shape, classes, derive(seed, "init", lane.trial, lane.replicate)) for lane in lanes]


def stack(networks: Sequence[nn.Module], device: torch.device, dtype: torch.dtype) -> tuple[Tensors, Tensors]:
    """Parameters and buffers of networks of one shape, by name, with a leading axis for the network."""

    def stacked(members: Sequence[dict[str, Tensor]]) -> Tensors:
        return {name: _laid_out(torch.stack([m[name].detach() for m in members]).to(device, dtype)) for name in members[0]}

    parameters = stacked([dict(network.named_parameters()) for network in networks])
    buffers = stacked([dict(network.named_buffers()) for network in networks])
    return parameters, buffers


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


def dropout_shapes(network: nn.Module, shape: tuple[int, int, int], batch: int) -> dict[str, tuple[int, ...]]:
    """Shape of the mask of every models.Dropout for a batch of images, by the layer's name, in the order of use."""
    found: dict[str, tuple[int, ...]] = {}
    layers = {layer: name for name, layer in network.named_modules() if isinstance(layer, models.Dropout)}

    def note(layer: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        found[layers[layer]] = tuple(inputs[0].shape)  # type: ignore[index]

    hooks = [layer.register_forward_pre_hook(note) for layer in layers]
    if hooks:
        with torch.no_grad():
            network(torch.zeros(batch, *shape))
    for hook in hooks:
        hook.remove()
    return found
