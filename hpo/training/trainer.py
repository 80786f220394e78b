"""The lanes of a job through their epochs."""

import time
from collections.abc import Callable, Iterator
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
from .randomness import kept
from .recalls import Recalls
from .schedules import learning_rate

EVALUATED_TOGETHER = 500
"""Validation images that pass through the networks at once."""

THINNING = 10
"""What it costs to leave out the lanes that have diverged, in steps of those that stay."""


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
    if job.device != "cpu":
        return [job.lanes]
    first = job.lanes[0]
    most = default_lanes(first.model, first.training, job.data.shape, len(job.data.classes), job.device)
    return evenly(job.lanes, -(-len(job.lanes) // most))


def _part(job: Job, on_progress: Callable[[Progress], None]) -> JobResult:
    started = time.perf_counter()
    with exact(job.device), kept():
        trainer = Trainer(job)
        for epoch in range(job.begin, job.end):
            if trainer.live and not (epoch > job.begin and trainer.out_of_time):
                on_progress(trainer.epoch(epoch))
        return JobResult(trainer.results(), time.perf_counter() - started, trainer.lane_steps, trainer.notes)


class Trainer:
    """Lanes under training, one epoch at a time; to be used within arithmetic.exact and randomness.kept."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.lane_steps = 0
        self._places = list(range(len(job.lanes)))  # Of the lanes that are computed; the others have diverged.
        self._lanes = Lanes(job)
        self._images: Images = load(job.data, torch.device(job.device), self._lanes.input_type)
        self._recalls = Recalls(self._images.validation.labels)
        self._trainings = [lane.training for lane in job.lanes]
        self._batch = min(self._trainings[0].batch_size, len(self._images.train))
        self._steps = self._trainings[0].steps_per_epoch(len(self._images.train))
        self._total = self._trainings[0].total_steps(self._steps)
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
        validation = self._validate(epoch * self._steps + steps)
        seconds = time.perf_counter() - started
        for place in self.live:
            rate = self._rate(place, epoch * self._steps + steps - 1)
            *figures, balanced = validation[place].tolist()
            all_figures = [epoch + 1, rate, *training[place].tolist(), *figures, seconds / lanes, balanced]
            self._epochs[place].append(EpochMetrics._make(all_figures))
        best = max((float(validation[place, 2]) for place in self.live), default=None)
        return Progress(lanes, self.lane_steps - lane_steps, epoch + 1, best, (self.job.end - epoch - 1) * seconds)

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
        return None if self.job.last or self._watches[place].divergence else self._packed(place)

    def _packed(self, place: int) -> bytes:
        return pack(self._lanes.state(self._places.index(place), self._watches[place].first_cost))

    def _train(self, epoch: int) -> tuple[Tensor, int]:
        """The steps of one epoch: (L, 3) of mean cost, mean loss and accuracy on the minibatches, and how many they were."""
        order = epoch_order(self.job.seed, self._computed, epoch, len(self._images.train))
        masks = DropoutMasks(self.job.seed, self._computed, epoch, self._lanes.dropouts, self._lanes.drops)
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
            if self._worth_thinning(before + done):
                order, masks = self._thin(order, masks)
        return self._means(totals, done), done

    def _worth_thinning(self, step: int) -> bool:
        """Whether the lanes that have diverged would cost more, from a step to the job's end, than it takes to leave them out."""
        living = len(self.live)
        to_come = min(self._total, self.job.end * self._steps) - step
        return living > 0 and (len(self._places) - living) * to_come > living * THINNING

    def _thin(self, order: Tensor, masks: DropoutMasks) -> tuple[Tensor, DropoutMasks]:
        """Go on without the lanes that have diverged, as from a checkpoint; the epoch's order and masks without them."""
        living = self.live
        kept = [self._places.index(place) for place in living]
        lanes = tuple(replace(self.job.lanes[place], checkpoint=self._packed(place)) for place in living)
        del self._lanes  # Both at a time might be more than there is room for.
        self._lanes = Lanes(replace(self.job, lanes=lanes))
        self._places = living
        return order if order.dim() == 1 else order[kept], masks.of(kept)

    @property
    def _computed(self) -> list[Lane]:
        return [self.job.lanes[place] for place in self._places]

    def _spread(self, figures: Tensor) -> Tensor:
        """Figures (computed, n) of the lanes that are computed as those of all lanes, (L, n); nothing for the others."""
        spread = torch.zeros(len(self.job.lanes), figures.shape[1], dtype=figures.dtype)
        spread[self._places] = figures
        return spread

    def _window_end(self, before: int, done: int, planned: int) -> int:
        """Where a window ends that begins after `done` steps of an epoch: never beyond a point of the curve by steps."""
        every = self._trainings[0].curve_every
        to_point = planned if every is None else every - (before + done) % every
        return min(done + WINDOW, done + to_point, planned)

    def _at_point(self, step: int) -> bool:
        every = self._trainings[0].curve_every
        return every is not None and step % every == 0

    def _means(self, sums: Tensor, steps: int) -> Tensor:
        """(L, 3) of mean cost, mean loss and accuracy from their sums over the minibatches of so many steps."""
        return sums / steps / torch.tensor([1, 1, self._batch])

    def _window(self, epoch: int, steps: range, order: Tensor, masks: DropoutMasks) -> Tensor:
        """A few steps, then a look at the cost; sums over the steps of cost, loss and correct answers, (L, 3)."""
        self.lane_steps += len(self.live) * len(steps)
        figures: list[tuple[Tensor, Tensor]] = []
        for step, batch in zip(steps, self._minibatches(steps, order), strict=True):
            figures.append(self._step(epoch * self._steps + step, batch, masks))
            if epoch == 0 and step == 0:
                self._first(figures[0][0])
        loss, correct = (torch.stack(each).double().sum(0).cpu() for each in zip(*figures, strict=True))
        cost = loss + self._lanes.penalties() * len(steps)
        last = epoch * self._steps + steps[-1] + 1
        for place, mean in zip(self._places, (cost / len(steps)).tolist(), strict=True):
            self._watches[place].see(mean, last, epoch + 1)
        return self._spread(torch.stack([cost, loss, correct], dim=1))

    def _add_points(self, step: int, training: Tensor) -> None:
        validation = self._validate(step)
        for place in self.live:
            figures = [step, self._rate(place, step - 1), *training[place].tolist(), *validation[place].tolist()]
            self._points[place].append(StepMetrics._make(figures))

    def _first(self, losses: Tensor) -> None:
        for watch, cost in zip(self._watches, (losses.double().cpu() + self._lanes.initial_penalties).tolist(), strict=True):
            watch.first_cost = cost

    def _minibatches(self, steps: range, order: Tensor) -> Iterator[tuple[Tensor, Tensor]]:
        """Images and labels of a few steps, one minibatch after the other."""
        index = order[..., steps.start * self._batch : steps.stop * self._batch]
        train: Split = self._images.train
        for images, labels in zip(index.split(self._batch, -1), train.labels[index].split(self._batch, -1), strict=True):
            yield train[images], labels

    def _rate(self, place: int, step: int) -> float:
        return learning_rate(self._trainings[place], step, self._steps)

    def _step(self, step: int, batch: tuple[Tensor, Tensor], masks: DropoutMasks) -> tuple[Tensor, Tensor]:
        rates = [self._rate(place, step) for place in self._places]
        return self._lanes.step(*batch, masks, rates, (step,))

    def _validate(self, step: int) -> Tensor:
        """Cost, loss, accuracy and balanced accuracy on the validation split after so many steps, (L, 4)."""
        split: Split = self._images.validation
        losses = torch.zeros(len(self._places), dtype=torch.float64)
        right: list[Tensor] = []
        for start in range(0, len(split), EVALUATED_TOGETHER):
            part = slice(start, start + EVALUATED_TOGETHER)
            loss, answers = self._lanes.network.evaluate(split[part], split.labels[part], (step, start))
            losses += loss.double().cpu()
            right.append(answers)
        losses /= len(split)
        answers = torch.cat(right, dim=1).cpu()
        accuracy = answers.sum(1).double() / len(split)
        figures = [losses + self._lanes.penalties(), losses, accuracy, self._recalls.mean(answers)]
        return self._spread(torch.stack(figures, dim=1))
