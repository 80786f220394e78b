"""The learning rate of a step, as a pure function of the settings."""

import math

from ..spec import TrainingSpec
from ..spec.training import Constant, Cosine, Cyclic, Exponential, OneCycle, Step


def learning_rate(training: TrainingSpec, step: int, steps_per_epoch: int) -> float:
    """The rate of a step, counted from 0 over the whole budget of the training."""
    highest, schedule = training.learning_rate, training.schedule
    total = training.total_steps(steps_per_epoch)
    match schedule:
        case Constant():
            return highest
        case Exponential(decay=decay):
            return highest * math.pow(decay, step // steps_per_epoch)
        case Step(every=every, factor=factor):
            return highest * math.pow(factor, step // steps_per_epoch // every)
        case Cyclic(low=low):
            return low + (highest - low) * _triangle(step, schedule.half_cycle_steps(steps_per_epoch))
        case Cosine(low=low):
            return _cosine(highest, low, step / total)
        case OneCycle():
            return _one_cycle(schedule, highest, step, total)


def _triangle(step: int, half_cycle: int) -> float:
    """Smith (2017), figure 2: 0 at the ends of a cycle, 1 in its middle."""
    position = step % (2 * half_cycle)
    return 1 - abs(position / half_cycle - 1)


def _cosine(start: float, end: float, share: float) -> float:
    return end + (start - end) * (1 + math.cos(math.pi * share)) / 2


def _one_cycle(schedule: OneCycle, highest: float, step: int, total: int) -> float:
    """As torch.optim.lr_scheduler.OneCycleLR with two phases, both cosine."""
    peak = schedule.warm_up * total - 1
    if peak > 0 and step <= peak:
        return _cosine(highest * schedule.start_factor, highest, step / peak)
    return _cosine(highest, highest * schedule.end_factor, (step - peak) / (total - 1 - peak))
