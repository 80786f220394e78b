"""The networks of a job with their optimizer: what is saved, restored and stepped."""

from collections.abc import Callable, Sequence
from functools import partial

import torch
from torch import Tensor, nn

from ..spec import FactorySpec
from .checkpoints import LaneState, lane_slices, restore, unpack
from .dense import DenseLanes, is_dense
from .job import Job
from .network import Gradients, Tensors, build_lanes, dropout_shapes, squared_norms, stack, take
from .optimizers import optimizer
from .order import DropoutMasks
from .stacked import SeparateLanes, StackedLanes, why_separate

_Calculate = Callable[[Tensors, Tensors], Gradients]


class Lanes:
    """The networks of a job with their optimizer."""

    def __init__(self, job: Job, device: torch.device, dtype: torch.dtype) -> None:
        self._model, self._dtype = job.lanes[0].model, dtype
        self._trainings = [lane.training for lane in job.lanes]
        networks = build_lanes(job.lanes, job.seed, job.data.shape, len(job.data.classes))
        self.parameters, self.buffers = stack(networks, device, dtype)
        batch = min(job.lanes[0].training.batch_size, len(job.data.train))
        self.dropouts = dropout_shapes(networks[0], job.data.shape, batch)
        self.l2 = torch.tensor([training.l2 for training in self._trainings], dtype=torch.float64)
        self.initial_penalties = self.penalties()
        self.optimizer = optimizer(self._trainings, self.parameters)
        self.notes: tuple[str, ...] = ()
        self.first_costs = [self._restore(place, lane.checkpoint) for place, lane in enumerate(job.lanes)]
        self.precision = torch.bfloat16 if job.precision == "bfloat16" else dtype
        self._calculate = self._way(networks[0], job.data.shape, device)
        self.network = self._calculate(self.parameters, self.buffers)

    def _way(self, network: nn.Module, shape: tuple[int, int, int], device: torch.device) -> _Calculate:
        """How the steps of networks like this one are taken."""
        if is_dense(network):
            return partial(DenseLanes, network, precision=self.precision)
        reason = why_separate(network, shape, device)
        if reason is None:
            return partial(StackedLanes, network)
        if isinstance(self._model, FactorySpec):
            self.notes = (f"one network at a time: {reason}",)
        return partial(SeparateLanes, network, precision=self.precision)

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

    def keep(self, rows: Sequence[int]) -> None:
        """Go on with the lanes of these rows alone, which become the rows from 0 on.

        A product of fewer lanes may round otherwise. That is repeated exactly whenever the job is: who leaves when follows from
        the job alone.
        """
        kept, before = torch.tensor(rows), self.optimizer.state
        self.parameters, self.buffers = take(self.parameters, kept), take(self.buffers, kept)
        self._trainings, self.l2 = [self._trainings[row] for row in rows], self.l2[kept]
        self.optimizer = optimizer(self._trainings, self.parameters)
        self.optimizer.state = {quantity: take(members, kept) for quantity, members in before.items()}
        self.network = self._calculate(self.parameters, self.buffers)

    def penalties(self) -> Tensor:
        """l2 * sum of the squared weights, (L,)."""
        return self.l2 * squared_norms(self.parameters).double().cpu()

    def step(self, x: Tensor, y: Tensor, masks: DropoutMasks, rates: Sequence[float]) -> tuple[Tensor, Tensor]:
        """One step of every lane with the learning rates; losses and correct answers (L,) of the minibatch before it."""
        drawn: Tensors = masks.draw(torch.empty(0, dtype=self._dtype, device=x.device))
        losses, correct, gradients = self.network.step(x, y, drawn)
        self.optimizer.step(self.parameters, gradients, torch.tensor(rates, dtype=self._dtype, device=x.device))
        return losses, correct
