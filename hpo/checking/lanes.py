"""Lanes for a look: made, stepped and masked by the code that trains."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from ..data import Prepared
from ..errors import UsageError
from ..seeds import derive
from ..spec import FactorySpec
from ..training.importing import said
from ..training.job import Job, Lane
from ..training.lanes import Lanes
from ..training.network import build
from ..training.order import DropoutMasks
from .images import Precision


class Bench:
    """Lanes of one shape, and the minibatches of a fixed size that they are stepped on."""

    def __init__(self, seed: int, data: Prepared, lanes: Sequence[Lane], precision: Precision = "float64") -> None:
        self.seed, self.lanes = seed, tuple(lanes)
        self.stacked = Lanes(Job(seed, data, self.lanes, 0, 1, "cpu", precision))
        self._masks = self.masks()

    def masks(self) -> DropoutMasks:
        """The dropout masks from the first step on."""
        return DropoutMasks(self.seed, self.lanes, 0, self.stacked.dropouts, self.stacked.drops)

    def step(self, x: Tensor, y: Tensor, rates: Sequence[float]) -> tuple[Tensor, Tensor]:
        """One step of training; the costs J (L,) and the correct answers (L,) before it. x and y as the lanes take them."""
        penalties = self.stacked.penalties()
        losses, correct = self.stacked.step(x, y, self._masks, rates)
        return losses.double() + penalties, correct


def varied(lane: Lane, *, batch: int | None = None, model: dict[str, Any] | None = None, **training: Any) -> Lane:
    """A lane with other settings; `model` may name keys that its network does not have."""
    known = {key: value for key, value in (model or {}).items() if key in type(lane.model).model_fields}
    settings = {**training, **({} if batch is None else {"batch_size": batch})}
    return Lane(
        lane.trial,
        lane.replicate,
        lane.model.model_copy(update=known),
        lane.training.model_copy(update=settings),
    )


def not_in_doubles(seed: int, data: Prepared, lane: Lane) -> str | None:
    """What the network of a user's factory raises in float64, with its place; None where it computes in that."""
    if not isinstance(lane.model, FactorySpec):
        return None
    try:
        Bench(seed, data, [lane])
    except UsageError:
        raise
    except Exception as error:  # Whatever PyTorch says of two types that do not go together.
        return said(error)
    return None


def plain(seed: int, lane: Lane, shape: tuple[int, int, int], classes: int, dtype: torch.dtype = torch.float64) -> nn.Module:
    """The network of a lane as PyTorch itself would run it, in training mode."""
    return build(lane.model, shape, classes, derive(seed, "init", lane.trial, lane.replicate)).to(dtype).train()


def set_masks(network: nn.Module, masks: dict[str, Tensor], lane: int) -> None:
    """Give a plain network the dropout masks of a lane."""
    for name, mask in masks.items():
        network.get_submodule(name)._buffers["mask"] = mask[lane]
