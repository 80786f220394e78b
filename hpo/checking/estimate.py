"""What a whole study will take: a few steps timed at points of its space, and multiplied. It changes no result."""

import time
from collections.abc import Callable
from statistics import mean
from typing import NamedTuple

import psutil
import torch

from ..data import Prepared
from ..search.rungs import kept_share
from ..spec import StudySpec
from ..training.grouping import default_lanes
from ..training.images import RESIDENT_BYTES
from ..training.job import Lane
from .images import Images, Precision, some
from .lanes import Bench, varied
from .points import Point, sized_by, spread
from .results import Estimate

TIMED = 3
"""Repetitions of which the quickest counts, after one that is not timed: whatever else runs here only slows them."""

EVALUATED = 500
"""Images of a timed evaluation, as the trainer has them."""

DRIVER = 300 * 2**20
"""Bytes of the process that asks and stores: Python, Optuna, NumPy."""


class _Pace(NamedTuple):
    """How fast networks train at one point of the space: seconds of one network's share, among its neighbours."""

    point: Point
    step: float
    evaluation: float
    """Of the whole validation split."""


def estimate(spec: StudySpec, data: Prepared, workers: int) -> Estimate:
    """Time and memory of a study on this machine's processors, so many at a time, if nothing else runs on them.

    Divergence makes a study quicker; so does a pruner other than halving. Neither is reckoned with.
    """
    points = spread(spec, sized_by(spec))
    lanes = [_lanes(spec, data, point, workers) for point in points]
    paces = [_pace(spec, data, point, width) for point, width in zip(points, lanes, strict=True)]
    worker = psutil.Process().memory_info().rss + _resident(data)
    trials = [mean(part) for part in zip(*(_study(spec, pace, data) for pace in paces), strict=True)]
    return Estimate(
        trials[0] / min(workers, spec.trials * spec.search.replicates),
        DRIVER + workers * worker,
        workers,
        round(trials[1]),
        max(lanes),
    )


def _lanes(spec: StudySpec, data: Prepared, point: Point, workers: int) -> int:
    most = spec.execution.lanes or default_lanes(point.model, point.training, data.shape, len(data.classes), "cpu")
    together = max(stage.trials for stage in spec.stage) * spec.search.replicates
    return min(most, -(-together // workers))


def _pace(spec: StudySpec, data: Prepared, point: Point, lanes: int) -> _Pace:
    batch = min(point.training.batch_size, len(data.train))
    precision: Precision = "float32" if spec.execution.precision == "auto" else spec.execution.precision
    alike = [varied(Lane(trial, 0, point.model, point.training), batch=batch) for trial in range(lanes)]
    bench = Bench(spec.seed, data, alike, precision)
    dtype = bench.stacked.input_type
    step = _step_seconds(bench, some(data, spec.seed, batch, dtype, batch), point.training.order == "own" and lanes > 1)
    evaluated = some(data, spec.seed, min(EVALUATED, len(data.train)), dtype, batch)
    evaluation = _quickest(lambda: bench.stacked.network.evaluate(evaluated.x, evaluated.y))
    evaluation *= len(data.validation) / len(evaluated.y)
    return _Pace(point, step / lanes, evaluation / lanes)


def _step_seconds(bench: Bench, images: Images, own: bool) -> float:
    lanes = len(bench.lanes)
    x, y = (torch.stack([each] * lanes) if own else each for each in images)
    return _quickest(lambda: bench.step(x, y, [1e-6] * lanes))


def _quickest(work: Callable[[], object]) -> float:
    seconds = []
    for _ in range(TIMED + 1):
        began = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - began)
    return min(seconds[1:])


def _study(spec: StudySpec, pace: _Pace, data: Prepared) -> tuple[float, float]:
    """Seconds on one processor, and steps, of all the networks of a study if all were like this point's."""
    seconds, steps = 0.0, 0.0
    for stage in spec.stage:
        training = spec.settings(pace.point.values, stage.name)[1]
        epochs = training.total_epochs(len(data.train))
        all_steps = training.total_steps(training.steps_per_epoch(len(data.train)))
        each = all_steps * pace.step + epochs * pace.evaluation
        if training.seconds is not None:
            each, all_steps = training.seconds, round(all_steps * min(1.0, training.seconds / each))
        networks = stage.trials * spec.search.replicates * kept_share(spec.search, epochs)
        seconds, steps = seconds + networks * each, steps + networks * all_steps
    return seconds, steps


def _resident(data: Prepared) -> int:
    """Bytes of the images that a worker keeps: scaled where that is small enough, else as they are."""
    pixels = data.shape[0] * data.shape[1] * data.shape[2]
    size = torch.float32.itemsize
    splits = [len(data.train) * pixels, len(data.validation) * pixels]
    return sum(split * size if split * size <= RESIDENT_BYTES else split for split in splits)
