"""Can the networks that a user has written be trained, and trained again alike? Asked before a study is stored."""

import random
from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor, nn

from .. import models
from ..errors import UsageError
from ..seeds import derive
from ..spec import FactorySpec
from ..training.factory import from_factory
from ..training.importing import said
from ..training.job import Lane
from ..training.nature import Setting, nature
from ..training.network import dropout_masks, held, stack, trained
from ..training.randomness import LaneSeeds
from ..training.separate import SeparateLanes
from .jobs import FitnessJob

IMAGES = 4
"""At the most, in a batch."""


def faults(job: FitnessJob) -> Iterator[str]:
    """Why networks cannot be trained, one sentence for each, the first that is wrong with it; within exact and kept."""
    found: dict[str, list[str]] = {}
    for lane, label in zip(job.lanes, job.labels, strict=True):
        if (fault := _fault(job, lane)) is not None:
            found.setdefault(fault, []).append(label)
    for fault, labels in found.items():
        at = "; ".join(label for label in labels if label)
        yield f"{fault}, at {at}" if at and len(found) + len(labels) < 1 + len(job.lanes) else fault


def _fault(job: FitnessJob, lane: Lane) -> str | None:
    batch = min(lane.training.batch_size, len(job.data.train), IMAGES)
    dtype = torch.float64 if job.precision == "float64" else torch.float32
    setting = Setting(job.data.shape, len(job.data.classes), batch, "cpu", dtype, dtype)
    model = lane.model
    assert isinstance(model, FactorySpec)
    try:
        subject = _Subject(model, setting, derive(job.seed, "init", lane.trial, lane.replicate))
        if (fault := subject.made_otherwise()) is not None:
            return fault
        nature(model, setting)
        return subject.trained_otherwise()
    except UsageError as error:
        return str(error)
    except Exception as error:
        if others := _other_types(from_factory(model, setting.shape, setting.classes, 0), dtype):
            return (
                f"a network is trained in {job.precision}, but {model.factory} has parameters in {' and '.join(others)},"
                f" and raised {said(error)}: leave out what asks for another type, such as .half() and .double(), or set"
                " execution.precision to 'float64' where that is meant"
            )
        images = f"a batch of {batch} image{'s' if batch > 1 else ''} of {job.data.shape}"
        return f"a network must train on {images} and be evaluated on it, but that of {model.factory} raised {said(error)}"


def _other_types(network: nn.Module, dtype: torch.dtype) -> list[str]:
    types = {parameter.dtype for parameter in network.parameters()} - {dtype}
    return sorted(str(each).removeprefix("torch.") for each in types)


class _Subject:
    """A user's network on a few images of noise."""

    def __init__(self, model: FactorySpec, setting: Setting, seed: int) -> None:
        self.model, self.setting, self.seed = model, setting, seed
        source = torch.Generator().manual_seed(0)
        self.x = torch.randn(setting.batch, *setting.shape, generator=source).to(setting.dtype)
        self.y = torch.randint(setting.classes, (setting.batch,), generator=source)

    def made_otherwise(self) -> str | None:
        """How another one from the same options differs where it must not."""
        name, network = self.model.factory, self._made()
        if not _equal(network, self._made()):
            return f"a factory must build the same network from the same seed, but {name} draws from a generator of its own"
        if _shapes(network) != _shapes(self._made(1)):
            return f"a factory must build networks of one shape from the same options, but those of {name} differ by their seeds"
        return None

    def trained_otherwise(self) -> str | None:
        """How a twin, or one that is made of its tensors, computes otherwise."""
        name, network, again = self.model.factory, self._made(), self._made()
        lanes, twin = self._lanes(network), self._lanes(again)
        if not _alike(self._passed(lanes, 0), self._passed(twin, 0)):
            return (
                f"what a network draws must follow from a seed, but {name} draws from a generator of its own: take PyTorch's;"
                " or it goes by something outside of itself: keep that in a buffer"
            )
        if late := sorted(_own(network) ^ _own(self._made())):
            return (
                f"what a network holds must be there when it is built, but {name} makes or drops {late[0]} in a pass:"
                " register it in __init__, with the shape that it is to have"
            )
        # One that is made of the tensors alone, as after a checkpoint, must be tested and go on alike.
        for passed in (self._tested, self._passed):
            fresh = self._lanes(self._restored(network))  # Before the pass, which changes buffers.
            if _alike(passed(lanes, 1), passed(fresh, 1)):
                continue
            return (
                f"what a network computes must follow from its parameters and buffers, but {name} goes by what it keeps elsewhere"
                f"{_elsewhere(network, self._made())}: keep it in a buffer (register_buffer), or it is lost with every checkpoint"
            )
        return None

    def _restored(self, network: nn.Module) -> nn.Module:
        fresh = self._made()
        for key, tensor in _all(fresh).items():
            tensor.data = _all(network)[key].detach().clone()
        return fresh

    def _tested(self, lanes: SeparateLanes, step: int) -> Tensor:
        """The loss on other images than those of the steps."""
        return lanes.evaluate(1 - 2 * self.x, self.y, (step,))[0]

    def _made(self, seed: int = 0) -> nn.Module:
        return from_factory(self.model, self.setting.shape, self.setting.classes, (self.seed + seed) % 2**32)

    def _lanes(self, network: nn.Module) -> SeparateLanes:
        tensors = stack([network], torch.device("cpu"), self.setting.dtype, channels_last=False)
        return SeparateLanes([network], *tensors, self.setting.dtype, LaneSeeds(0, [(0, 0)]), channels_last=False)

    def _passed(self, lanes: SeparateLanes, step: int) -> Tensor:
        """The losses of a step, which changes no parameter, and of an evaluation after it."""
        masks = dropout_masks(self._made(), self.setting.shape, self.setting.batch)
        given = {name: torch.ones(1, *mask.shape) for name, mask in masks.items()}
        return torch.cat([lanes.step(self.x, self.y, given, (step,))[0], lanes.evaluate(self.x, self.y, (step,))[0]])


def _alike(one: Tensor, other: Tensor) -> bool:
    return torch.allclose(one, other, rtol=1e-4, equal_nan=True)


def _all(network: nn.Module) -> dict[str, Tensor]:
    return {**trained(network), **held(network)}


def _own(network: nn.Module) -> set[str]:
    """Names of what a network holds, without the masks that hpo's dropout is given."""
    masks = {f"{name}.mask" for name, layer in network.named_modules() if isinstance(layer, models.Dropout)}
    return _all(network).keys() - masks


def _shapes(network: nn.Module) -> dict[str, torch.Size]:
    return {name: tensor.shape for name, tensor in _all(network).items()}


def _equal(one: nn.Module, other: nn.Module) -> bool:
    ours, theirs = _all(one), _all(other)
    return ours.keys() == theirs.keys() and all(torch.equal(ours[name], theirs[name]) for name in ours)


def _elsewhere(used: nn.Module, new: nn.Module) -> str:
    """Attributes that passes have changed."""
    fresh = dict(new.named_modules())
    names = [
        f"{place}.{name}".lstrip(".")
        for place, layer in used.named_modules()
        for name, value in vars(layer).items()
        if not name.startswith("_") and name != "training" and _differs(value, vars(fresh[place]).get(name))
    ]
    return f" ('{names[0]}')" if names else ""


def _state(source: torch.Generator | random.Random | np.random.Generator) -> str:
    if isinstance(source, torch.Generator):
        return str(source.get_state().tolist())
    return str(source.getstate() if isinstance(source, random.Random) else source.bit_generator.state)


def _differs(value: object, before: object) -> bool:
    sources = torch.Generator | random.Random | np.random.Generator
    if isinstance(value, sources) and isinstance(before, sources):
        return _state(value) != _state(before)
    if isinstance(value, list) and isinstance(before, list):
        return len(value) != len(before)
    if isinstance(value, Tensor) or isinstance(before, Tensor):
        return not (isinstance(value, Tensor) and isinstance(before, Tensor) and torch.equal(value, before))
    plain = int | float | str | None
    return isinstance(value, plain) and isinstance(before, plain) and value != before
