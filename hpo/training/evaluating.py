"""A trained network as a plain nn.Module: put to the test images, and packed for others to use."""

from typing import Any, NamedTuple

import numpy as np
import torch
from safetensors.torch import save
from torch import nn
from torch.nn import functional

from ..data import Prepared
from ..spec import ModelSpec
from .checkpoints import LaneState, unpack
from .images import Scaling, scaling_of
from .importing import staying
from .network import build
from .randomness import seeded

EVALUATED_TOGETHER = 500
"""Test images that pass through the network at once."""


class Figures(NamedTuple):
    """What a network makes of the test images."""

    loss: float
    """Mean, in nats."""
    accuracy: float
    confusion: list[list[int]]
    """(classes, classes): images of the row's class that were taken for the column's."""


class Trained:
    """A network with the weights of a checkpoint, in the type they were kept in, and the scale of the images it trained on."""

    def __init__(self, model: ModelSpec, checkpoint: bytes, data: Prepared) -> None:
        self._state: LaneState = unpack(checkpoint)
        self._data = data
        self._dtype = next(iter(self._state.parameters.values())).dtype
        self._network = build(model, data.shape, len(data.classes), seed=0)
        self._install()
        self._pixels = np.load(data.images, mmap_mode="r")
        self._scaling: Scaling = scaling_of(data.scale, self._pixels, data.train, torch.device("cpu"), self._dtype)

    def _install(self) -> None:
        """Not by load_state_dict, which leaves out buffers that a network computes with but does not save."""
        tensors = {**self._state.parameters, **self._state.buffers}
        own = {**dict(self._network.named_parameters()), **dict(self._network.named_buffers())}
        for name, tensor in own.items():
            tensor.data = tensors[name].to(self._dtype if tensor.is_floating_point() else tensor.dtype)

    def _weights(self) -> dict[str, torch.Tensor]:
        """What the network itself would save."""
        return {name: tensor for name, tensor in self._network.state_dict().items() if isinstance(tensor, torch.Tensor)}

    def packed(self) -> bytes:
        """safetensors: the network's state, and `input.factor` and `input.shift`, which scale pixels of 0 to 255."""
        factor, shift = self._scaling
        shift = torch.zeros_like(factor) if shift is None else shift
        tensors = {**self._weights(), "input.factor": factor, "input.shift": shift}
        # Copies, since safetensors refuses tensors of one memory, as two layers may have.
        return bytes(save({name: tensor.clone(memory_format=torch.contiguous_format) for name, tensor in tensors.items()}))

    @staying()
    @torch.no_grad()
    def test(self) -> Figures:
        """The one look at the test images."""
        with seeded(0):
            scores = torch.cat([self._scores(part) for part in np.array_split(self._data.test, self._parts())])
        labels = torch.from_numpy(np.load(self._data.labels)[self._data.test])
        classes = len(self._data.classes)
        places = torch.bincount(labels * classes + scores.argmax(1), minlength=classes**2)
        accuracy = float((scores.argmax(1) == labels).double().mean())
        loss = float(functional.cross_entropy(scores.double(), labels))
        return Figures(loss, accuracy, places.view(classes, classes).tolist())

    def _parts(self) -> int:
        return -(-len(self._data.test) // EVALUATED_TOGETHER)

    def _scores(self, positions: "np.ndarray[Any, np.dtype[np.int64]]") -> torch.Tensor:
        network: nn.Module = self._network.eval()
        factor, shift = self._scaling
        images = torch.from_numpy(self._pixels[positions]).to(self._dtype) * factor
        scores: torch.Tensor = network(images if shift is None else images - shift)
        return scores
