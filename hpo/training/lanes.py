"""The networks of a job with their optimizer: what is saved, restored and stepped."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from ..spec import FactorySpec
from .blocks import Blocks
from .capabilities import default_precision
from .checkpoints import LaneState, lane_slices, restore, unpack
from .dense import DenseLanes, is_dense
from .job import Job
from .network import Gradients, Tensors, build_lanes, dropout_shapes, squared_norms, stack
from .optimizers import optimizer
from .order import DropoutMasks
from .stacked import SeparateLanes, StackedLanes, why_separate

_TYPES = {"float32": torch.float32, "float64": torch.float64, "bfloat16": torch.float32}
"""What weights are kept in, by the precision of a job."""


class Lanes:
    """The networks of a job with their optimizer."""

    def __init__(self, job: Job) -> None:
        device, dtype = torch.device(job.device), _TYPES[job.precision]
        self._model, self._dtype = job.lanes[0].model, dtype
        networks = build_lanes(job.lanes, job.seed, job.data.shape, len(job.data.classes))
        parameters, self.buffers = stack(networks, device, dtype)
        blocks = Blocks(parameters)
        self.parameters = blocks.by_name
        batch = min(job.lanes[0].training.batch_size, len(job.data.train))
        self.dropouts = dropout_shapes(networks[0], job.data.shape, batch)
        self.l2 = torch.tensor([lane.training.l2 for lane in job.lanes], dtype=torch.float64)
        self.initial_penalties = self.penalties()
        self.optimizer = optimizer([lane.training for lane in job.lanes], blocks)
        self.notes: tuple[str, ...] = ()
        if job.precision == "bfloat16" and default_precision(job.device) != "bfloat16":
            self.notes = ("bfloat16 saves no time here: this processor has no instruction that multiplies it",)
        self.first_costs = [self._restore(place, lane.checkpoint) for place, lane in enumerate(job.lanes)]
        self.precision = torch.bfloat16 if job.precision == "bfloat16" else dtype
        self.network = self._network(networks[0], job.data.shape, device)

    def _network(self, network: nn.Module, shape: tuple[int, int, int], device: torch.device) -> Gradients:
        if is_dense(network):
            return DenseLanes(network, self.parameters, self.buffers, self.precision)
        reason = why_separate(network, shape, device)
        if reason is None:
            return StackedLanes(network, self.parameters, self.buffers)
        if isinstance(self._model, FactorySpec):
            self.notes = (*self.notes, f"one network at a time: {reason}")
        return SeparateLanes(network, self.parameters, self.buffers, self.precision)

    @property
    def input_type(self) -> torch.dtype:
        """What the images are kept as: a dense network's first product takes them in its own precision."""
        return self.precision if isinstance(self.network, DenseLanes) else self._dtype

    def _restore(self, place: int, checkpoint: bytes | None) -> float:
        if checkpoint is None:
            return float("nan")
        saved = unpack(checkpoint)
        restore(self.parameters, place, saved.parameters)
        restore(self.buffers, place, saved.buffers)
        for quantity, members in self.optimizer.state.items():
            restore(members, place, saved.optimizer.get(quantity, {}))
        return saved.first_cost

    def state(self, place: int, first_cost: float) -> LaneState:
        """A lane's state, as views of the stacked tensors."""
        optimizer_state = {quantity: lane_slices(members, place) for quantity, members in self.optimizer.state.items()}
        return LaneState(lane_slices(self.parameters, place), lane_slices(self.buffers, place), optimizer_state, first_cost)

    def penalties(self) -> Tensor:
        """l2 * sum of the squared weights, (L,)."""
        return self.l2 * squared_norms(self.parameters).double().cpu()

    def step(self, x: Tensor, y: Tensor, masks: DropoutMasks, rates: Sequence[float]) -> tuple[Tensor, Tensor]:
        """One step of every lane with the learning rates; losses and correct answers (L,) of the minibatch before it."""
        drawn: Tensors = masks.draw(torch.empty(0, dtype=self._dtype, device=x.device))
        losses, correct, gradients = self.network.step(x, y, drawn)
        rate = torch.tensor(rates, dtype=self._dtype, device=x.device)
        self.optimizer.step(gradients, rate, self.network.copies)
        return losses, correct
