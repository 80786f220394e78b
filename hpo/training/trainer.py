"""The lanes of a job through their epochs."""

import time
from collections.abc import Callable
from dataclasses import replace

import torch
from torch import Tensor

from .arithmetic import exact
from .checkpoints import pack
from .divergence import WINDOW, Watch
from .grouping import default_lanes, evenly
from .images import Images, Split, load
from .job import Divergence, EpochMetrics, Job, JobResult, Lane, LaneResult, Progress, StepMetrics
from .lanes import Lanes
from .order import DropoutMasks, epoch_order
from .schedules import learning_rate

EVALUATED_TOGETHER = 500
"""Validation images that pass through the networks at once."""

_TYPES = {"float32": torch.float32, "float64": torch.float64, "bfloat16": torch.float32}


def run(job: Job, on_progress: Callable[[Progress], None]) -> JobResult:
    """Train a job's lanes; see hpo.training.run. On a CPU in parts that stay in its cache, one after the other."""
    parts = [_part(replace(job, lanes=lanes), on_progress) for lanes in _parts(job)]
    return JobResult(
        tuple(lane for part in parts for lane in part.lanes),
        sum(part.seconds for part in parts),
        sum(part.lane_steps for part in parts),
        parts[0].notes,
    )


def _parts(job: Job) -> list[tuple[Lane, ...]]:
    first = job.lanes[0]
    most = default_lanes(first.model, first.training, job.data.shape, len(job.data.classes), job.device)
    return evenly(job.lanes, -(-len(job.lanes) // most))


def _part(job: Job, on_progress: Callable[[Progress], None]) -> JobResult:
    started = time.perf_counter()
    with exact(job.device):
        trainer = Trainer(job)
        if job.look is not None:
            on_progress(trainer.look())
            return JobResult(trainer.results(), time.perf_counter() - started, trainer.lane_steps, trainer.notes)
        for epoch in range(job.begin, job.end):
            if trainer.live and not (epoch > job.begin and trainer.out_of_time):
                on_progress(trainer.epoch(epoch))
        return JobResult(trainer.results(), time.perf_counter() - started, trainer.lane_steps, trainer.notes)


class Trainer:
    """Lanes under training, one epoch at a time; to be used within arithmetic.exact."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.lane_steps = 0
        device, dtype = torch.device(job.device), _TYPES[job.precision]
        self._lanes = Lanes(job, device, dtype)
        self._images: Images = load(job.data, device, self._lanes.input_type)
        self._trainings = [lane.training for lane in job.lanes]
        self._batch = min(self._trainings[0].batch_size, len(self._images.train))
        self._steps = self._trainings[0].steps_per_epoch(len(self._images.train))
        total = self._trainings[0].total_steps(self._steps)
        self._total = total if job.look is None else min(total, job.look)
        self._watches = [Watch(lane.training, first) for lane, first in zip(job.lanes, self._lanes.first_costs, strict=True)]
        self._epochs: list[list[EpochMetrics]] = [[] for _ in job.lanes]
        self._points: list[list[StepMetrics]] = [[] for _ in job.lanes]
        self._began = time.perf_counter()

    @property
    def notes(self) -> tuple[str, ...]:
        """What the user should know of how the job was computed."""
        return self._lanes.notes

    @property
    def live(self) -> list[int]:
        """Places of the lanes that have not diverged."""
        return [place for place, watch in enumerate(self._watches) if watch.divergence is None]

    @property
    def out_of_time(self) -> bool:
        """Whether each lane's share of the time since the start has spent its budget in seconds."""
        seconds = self._trainings[0].seconds
        return seconds is not None and time.perf_counter() - self._began >= seconds * len(self.job.lanes)

    def epoch(self, epoch: int) -> Progress:
        """Train and validate one epoch, counted from 0."""
        started, lanes, lane_steps = time.perf_counter(), len(self.live), self.lane_steps
        training, steps = self._train(epoch)
        validation = self._validate()
        seconds = time.perf_counter() - started
        for place in self.live:
            rate = self._rate(place, epoch * self._steps + steps - 1)
            figures = [epoch + 1, rate, *training[place].tolist(), *validation[place].tolist(), seconds / lanes]
            self._epochs[place].append(EpochMetrics._make(figures))
        best = max((float(validation[place, 2]) for place in self.live), default=None)
        return Progress(lanes, self.lane_steps - lane_steps, epoch + 1, best, (self.job.end - epoch - 1) * seconds)

    def look(self) -> Progress:
        """Take the steps of a look at the lanes, and leave them there."""
        self._train(0)
        return Progress(0, self.lane_steps, 0, None)

    def results(self) -> tuple[LaneResult, ...]:
        """What became of every lane, in the job's order."""
        return tuple(
            LaneResult(
                lane.trial,
                lane.replicate,
                tuple(self._epochs[place]),
                watch.divergence,
                self._checkpoint(place),
                tuple(self._points[place]),
            )
            for place, (lane, watch) in enumerate(zip(self.job.lanes, self._watches, strict=True))
        )

    def metrics(self, place: int) -> EpochMetrics:
        """The last epoch of a lane."""
        return self._epochs[place][-1]

    def divergence(self, place: int) -> Divergence | None:
        """How a lane diverged; None when it has not."""
        return self._watches[place].divergence

    def _checkpoint(self, place: int) -> bytes | None:
        watch = self._watches[place]
        wanted = not (watch.divergence or self.job.last or self.job.look is not None)
        return pack(self._lanes.state(place, watch.first_cost)) if wanted else None

    def _train(self, epoch: int) -> tuple[Tensor, int]:
        """The steps of one epoch: (L, 3) of mean cost, mean loss and accuracy on the minibatches, and how many they were."""
        order = epoch_order(self.job.seed, self.job.lanes, epoch, len(self._images.train))
        masks = DropoutMasks(self.job.seed, self.job.lanes, epoch, self._lanes.dropouts)
        totals = torch.zeros(len(self.job.lanes), 3, dtype=torch.float64)
        before, done = epoch * self._steps, 0
        since_point, last_point = totals.clone(), before
        planned = min(self._steps, self._total - before)
        while done < planned and self.live and not (done and self.out_of_time):
            steps = range(done, self._window_end(before, done, planned))
            sums = self._window(epoch, steps, order, masks)
            totals, since_point, done = totals + sums, since_point + sums, steps.stop
            if self._at_point(before + done):
                self._add_points(before + done, self._means(since_point, before + done - last_point))
                since_point, last_point = torch.zeros_like(totals), before + done
        return self._means(totals, done), done

    def _window_end(self, before: int, done: int, planned: int) -> int:
        """Where a window ends that begins after `done` steps of an epoch: never beyond a point of the curve by steps."""
        every = self._trainings[0].curve_every
        to_point = planned if every is None else every - (before + done) % every
        return min(done + WINDOW, done + to_point, planned)

    def _at_point(self, step: int) -> bool:
        every = self._trainings[0].curve_every
        return every is not None and self.job.look is None and step % every == 0

    def _means(self, sums: Tensor, steps: int) -> Tensor:
        """(L, 3) of mean cost, mean loss and accuracy from their sums over the minibatches of so many steps."""
        return sums / steps / torch.tensor([1, 1, self._batch])

    def _window(self, epoch: int, steps: range, order: Tensor, masks: DropoutMasks) -> Tensor:
        """A few steps, then a look at the cost; sums over the steps of cost, loss and correct answers, (L, 3)."""
        self.lane_steps += len(self.live) * len(steps)
        sums = []
        for step in steps:
            losses, correct = self._step(epoch * self._steps + step, self._minibatch(step, order), masks)
            sums.append(torch.stack([losses.double(), correct.double()]))
            if epoch == 0 and step == 0:
                self._first(losses)
        loss, correct = torch.stack(sums).sum(0).cpu()
        cost = loss + self._lanes.penalties() * len(steps)
        last = epoch * self._steps + steps[-1] + 1
        for watch, mean in zip(self._watches, (cost / len(steps)).tolist(), strict=True):
            watch.see(mean, last, epoch + 1)
        return torch.stack([cost, loss, correct], dim=1)

    def _add_points(self, step: int, training: Tensor) -> None:
        validation = self._validate()
        for place in self.live:
            figures = [step, self._rate(place, step - 1), *training[place].tolist(), *validation[place].tolist()]
            self._points[place].append(StepMetrics._make(figures))

    def _first(self, losses: Tensor) -> None:
        for watch, cost in zip(self._watches, (losses.double().cpu() + self._lanes.initial_penalties).tolist(), strict=True):
            watch.first_cost = cost

    def _minibatch(self, step: int, order: Tensor) -> tuple[Tensor, Tensor]:
        index = order[..., step * self._batch : (step + 1) * self._batch]
        return self._images.train[index], self._images.train.labels[index]

    def _rate(self, place: int, step: int) -> float:
        return learning_rate(self._trainings[place], step, self._steps)

    def _step(self, step: int, batch: tuple[Tensor, Tensor], masks: DropoutMasks) -> tuple[Tensor, Tensor]:
        rates = [self._rate(place, step) for place in range(len(self._trainings))]
        return self._lanes.step(*batch, masks, rates)

    def _validate(self) -> Tensor:
        """Cost, loss and accuracy on the validation split, (L, 3)."""
        split: Split = self._images.validation
        losses = torch.zeros(len(self.job.lanes), dtype=torch.float64)
        correct = torch.zeros(len(self.job.lanes), dtype=torch.float64)
        for start in range(0, len(split), EVALUATED_TOGETHER):
            part = slice(start, start + EVALUATED_TOGETHER)
            loss, right = self._lanes.network.evaluate(split[part], split.labels[part])
            losses += loss.double().cpu()
            correct += right.double().cpu()
        losses /= len(split)
        return torch.stack([losses + self._lanes.penalties(), losses, correct / len(split)], dim=1)
