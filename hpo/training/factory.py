"""A network of the user's own, as its factory makes it and as hpo can train it."""

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.parameter import is_lazy

from ..errors import UsageError
from ..spec import FactorySpec
from .importing import factory_of, in_folders, let_stop, said
from .outputs import scores
from .randomness import kept, seeded


def from_factory(model: FactorySpec, shape: tuple[int, int, int], classes: int, seed: int) -> nn.Module:
    """The network of a factory, its initial weights by the seed. What it is given is a copy, what it gives are scores alone.

    Raises UsageError, with the place in the user's code, when the factory cannot be used.
    """
    with kept():
        factory = factory_of(model)
    if isinstance(factory, nn.Module):
        raise UsageError(
            f"a factory is a function that builds a network, got a network, {model.factory}: return it from a function"
        )
    with seeded(seed), in_folders():
        try:
            network = factory(shape, classes, **model.options())
        except (Exception, SystemExit) as error:
            let_stop(error)
            raise UsageError(f"factory {model.factory} must build a network, but raised {said(error)}") from error
        if not isinstance(network, nn.Module):
            raise UsageError(f"a factory returns an nn.Module, got {_kind(network)} from {model.factory}{_call(network)}")
        _materialise(network, shape, model.factory)
    _check(network, model.factory)
    _surround(network, classes)
    return network.train()


def _kind(made: object) -> str:
    return f"the class {made.__name__}" if isinstance(made, type) else type(made).__name__


def _call(made: object) -> str:
    return f": return {made.__name__}(...), a network of it" if isinstance(made, type) else ""


def _materialise(network: nn.Module, shape: tuple[int, int, int], name: str) -> None:
    """Give lazy modules their shapes, by an image that is all 0."""
    if not any(is_lazy(each) for each in (*network.parameters(), *network.buffers())):
        return
    training = network.training
    try:
        with torch.no_grad():
            network.eval()(torch.zeros(1, *shape))
    except (Exception, SystemExit) as error:
        let_stop(error)
        raise UsageError(f"lazy modules of {name} must take an image of {shape}, but it raised {said(error)}") from error
    network.train(training)


def _check(network: nn.Module, name: str) -> None:
    if sharing := _sharing(network):
        raise UsageError(
            f"tensors of a network share no memory unless they are one Parameter, got {' and '.join(sharing)} from {name}:"
            " have both layers use the same Parameter, or each its own copy"
        )
    if any(each.is_complex() for each in network.parameters()):
        raise UsageError(f"parameters must be real numbers, got complex ones from {name}: keep real and imaginary parts apart")
    if not any(each.requires_grad for each in network.parameters()):
        there = "none but frozen ones" if any(True for _ in network.parameters()) else "none"
        raise UsageError(f"a network must have parameters to train, got {there} from {name}: give it layers with weights")


def tied(network: nn.Module) -> list[str]:
    """Names of one parameter that several layers have, of the first such. One layer may be used many times."""
    names: dict[int, list[str]] = {}
    for name, tensor in _tensors(network):
        if isinstance(tensor, nn.Parameter):
            names.setdefault(id(tensor), []).append(name)
    return next((each for each in names.values() if len(each) > 1), [])


def _sharing(network: nn.Module) -> tuple[str, str] | None:
    """Names of two tensors of which a number of one is a number of the other."""
    seen: dict[int, list[tuple[str, Tensor, range]]] = {}
    for name, tensor in _tensors(network):
        place = _place(tensor)
        others = seen.setdefault(tensor.untyped_storage().data_ptr() if place else 0, [])
        for other, one, there in others:
            if max(place.start, there.start) < min(place.stop, there.stop) and not (
                one is tensor and isinstance(tensor, nn.Parameter)
            ):
                return other, name
        others.append((name, tensor, place))
    return None


def _tensors(network: nn.Module) -> list[tuple[str, Tensor]]:
    """All by layer and name. A list: of a scripted layer they are made anew, and an identifier might come twice."""
    return [
        (f"{place}.{name}".lstrip("."), tensor)
        for place, layer in network.named_modules()
        for name, tensor in (*layer._parameters.items(), *layer._buffers.items())
        if tensor is not None
    ]


def _place(tensor: Tensor) -> range:
    """The bytes of its storage from its first number to its last."""
    if not tensor.numel():
        return range(0)
    last = sum((size - 1) * stride for size, stride in zip(tensor.shape, tensor.stride(), strict=True))
    size, start = tensor.element_size(), tensor.storage_offset()
    return range(start * size, (start + last + 1) * size)


def _surround(network: nn.Module, classes: int) -> None:
    """Whoever calls the network gives it a copy, which it may write into, and gets scores."""

    def own(layer: nn.Module, inputs: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(each.clone() for each in inputs)

    def only_scores(layer: nn.Module, inputs: tuple[Any, ...], output: object) -> Tensor:
        return scores(output, len(inputs[0]), classes)

    # By nn.Module's own methods: scripted modules hide them, though their calls go by the hooks.
    nn.Module.register_forward_pre_hook(network, own, prepend=True)
    nn.Module.register_forward_hook(network, only_scores)
