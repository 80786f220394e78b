"""The networks of a job with their optimizer: what is saved, restored and stepped."""

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor, nn

from ..spec import FactorySpec
from .blocks import Blocks
from .capabilities import default_precision
from .checkpoints import LaneState, lane_slices, restore, unpack
from .dense import DenseLanes, is_dense
from .job import Job
from .nature import OWN, Nature, Setting, nature
from .network import Gradients, Tensors, build_lanes, dropout_masks, squared_norms, stack
from .optimizers import ALL, optimizer
from .order import DropoutMasks
from .randomness import LaneSeeds
from .separate import SeparateLanes
from .stacked import StackedLanes

_TYPES = {"float32": torch.float32, "float64": torch.float64, "bfloat16": torch.float32}
"""What weights are kept in, by the precision of a job."""


class Lanes:
    """The networks of a job with their optimizer."""

    def __init__(self, job: Job) -> None:
        self._dtype = _TYPES[job.precision]
        self.precision = torch.bfloat16 if job.precision == "bfloat16" else self._dtype
        shape, classes = job.data.shape, len(job.data.classes)
        batch = min(job.lanes[0].training.batch_size, len(job.data.train))
        networks = build_lanes(job.lanes, job.seed, shape, classes)
        self._is_dense = is_dense(networks[0], classes)
        self._nature = self._seen(job, Setting(shape, classes, batch, job.device, self._dtype, self.precision))
        parameters, self.buffers = stack(networks, torch.device(job.device), self._dtype, self._nature.channels_last)
        blocks = Blocks(parameters, apart=self._nature.foreign and self._nature.alone is not None)
        self.parameters = blocks.by_name
        masks = dropout_masks(networks[0], shape, batch)
        self.dropouts = {name: mask.shape for name, mask in masks.items()}
        self.drops = {name: mask.drop for name, mask in masks.items()}
        self.l2 = torch.tensor([lane.training.l2 for lane in job.lanes], dtype=torch.float64)
        self.initial_penalties = self.penalties()
        self.optimizer = optimizer([lane.training for lane in job.lanes], blocks)
        self.notes = tuple(self._notes(job))
        self.first_costs = [self._restore(place, lane.checkpoint) for place, lane in enumerate(job.lanes)]
        self.network = self._network(networks, LaneSeeds(job.seed, [(lane.replicate, lane.trial) for lane in job.lanes]))

    def _seen(self, job: Job, setting: Setting) -> Nature:
        model = job.lanes[0].model
        return nature(model, setting) if isinstance(model, FactorySpec) and not self._is_dense else OWN[job.device]

    def _notes(self, job: Job) -> Iterator[str]:
        if job.precision == "bfloat16" and default_precision(job.device) != "bfloat16":
            yield "bfloat16 saves no time here: this processor has no instruction that multiplies it"
        if self._nature.foreign and self._nature.alone is not None:
            yield f"one network at a time: {self._nature.alone}"
        if not self._nature.rounds:
            yield "in float32: they cannot compute in bfloat16"

    def _network(self, networks: Sequence[nn.Module], seeds: LaneSeeds) -> Gradients:
        first, seen, tensors = networks[0], self._nature, (self.parameters, self.buffers)
        if self._is_dense:
            assert isinstance(first, nn.Sequential)
            return DenseLanes(first, *tensors, self.precision)
        if seen.alone is None:
            return StackedLanes(first, *tensors, seen.idle)
        precision = self.precision if seen.rounds else self._dtype
        return SeparateLanes(networks, *tensors, precision, seeds if seen.foreign else None, seen.channels_last)

    @property
    def input_type(self) -> torch.dtype:
        """What the images are kept as: a dense network's first product takes them in its own precision."""
        return self.precision if self._is_dense else self._dtype

    def _restore(self, place: int, checkpoint: bytes | None) -> float:
        if checkpoint is None:
            return float("nan")
        saved = unpack(checkpoint)
        restore(self.parameters, place, saved.parameters)
        restore(self.buffers, place, {**saved.parameters, **saved.buffers})  # Frozen parameters were once among the others.
        for quantity, members in self.optimizer.state.items():
            there = saved.optimizer.get(quantity, {})
            restore(members, place, {name: there[ALL] for name in members if ALL in there} | there)
        return saved.first_cost

    def state(self, place: int, first_cost: float) -> LaneState:
        """A lane's state, as views of the stacked tensors."""
        optimizer_state = {quantity: lane_slices(members, place) for quantity, members in self.optimizer.state.items()}
        return LaneState(lane_slices(self.parameters, place), lane_slices(self.buffers, place), optimizer_state, first_cost)

    def penalties(self) -> Tensor:
        """l2 * sum of the squared weights, (L,), without those that have no part in the output."""
        weights = {name: parameter for name, parameter in self.parameters.items() if name not in self._nature.idle}
        return self.l2 * squared_norms(weights).double().cpu()

    def step(
        self, x: Tensor, y: Tensor, masks: DropoutMasks, rates: Sequence[float], key: Sequence[int] = ()
    ) -> tuple[Tensor, Tensor]:
        """One step of every lane with the learning rates; losses and correct answers (L,) of the minibatch before it.

        What networks draw at random, but for the masks, follows from the key.
        """
        drawn: Tensors = masks.draw(torch.empty(0, dtype=self._dtype, device=x.device))
        losses, correct, gradients = self.network.step(x, y, drawn, key)
        rate = torch.tensor(rates, dtype=self._dtype, device=x.device)
        self.optimizer.step(gradients, rate, self.network.copies, self.network.without)
        return losses, correct
