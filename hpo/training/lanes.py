"""The networks of a job with their optimizer: what is saved, restored and stepped."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from ..spec import FactorySpec
from .checkpoints import LaneState, lane_slices, restore, unpack
from .dense import dense_lanes, is_dense
from .images import Images
from .job import Job
from .network import Gradients, Tensors, build_lanes, dropout_shapes, squared_norms, stack
from .optimizers import optimizer
from .order import DropoutMasks
from .stacked import SeparateLanes, StackedLanes, why_separate


class Lanes:
    """The networks of a job with their optimizer."""

    def __init__(self, job: Job, images: Images, device: torch.device, dtype: torch.dtype) -> None:
        self._model = job.lanes[0].model
        networks = build_lanes(job.lanes, job.seed, images.shape, images.classes)
        self.parameters, self.buffers = stack(networks, device, dtype)
        batch = min(job.lanes[0].training.batch_size, len(images.train))
        self.dropouts = dropout_shapes(networks[0], images.shape, batch)
        self.l2 = torch.tensor([lane.training.l2 for lane in job.lanes], dtype=torch.float64)
        self.initial_penalties = self.penalties()
        self.optimizer = optimizer([lane.training for lane in job.lanes], self.parameters)
        self.notes: tuple[str, ...] = ()
        self.first_costs = [self._restore(place, lane.checkpoint) for place, lane in enumerate(job.lanes)]
        self.network = self._network(networks, images, device, torch.bfloat16 if job.precision == "bfloat16" else dtype)

    def _network(self, networks: Sequence[nn.Module], images: Images, device: torch.device, precision: torch.dtype) -> Gradients:
        if is_dense(networks[0]):
            return dense_lanes(networks, self.parameters, self.buffers, precision)
        reason = why_separate(networks[0], images.shape, device)
        if reason is None:
            return StackedLanes(networks[0], self.parameters, self.buffers)
        if isinstance(self._model, FactorySpec):
            self.notes = (f"one network at a time: {reason}",)
        return SeparateLanes(networks[0], self.parameters, self.buffers, precision)

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
        drawn: Tensors = masks.draw(x)
        losses, correct, gradients = self.network.step(x, y, drawn)
        self.optimizer.step(self.parameters, gradients, torch.tensor(rates, dtype=x.dtype, device=x.device))
        return losses, correct
