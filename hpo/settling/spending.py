"""What training has cost, and what evidence may."""

from collections.abc import Iterable, Mapping
from typing import Any

from optuna.trial import FrozenTrial

from ..attributes import networks_of, same_as_of, seconds_of, stage_of
from ..runner.stored import Moment
from ..spec import TrainingSpec
from ..spec.options import resolve

AUTO = 0.25
"""Share of the search's training steps that evidence takes where the study file leaves it open."""


UNTIMED = frozenset({"learning_rate", "l2", "momentum", "optimizer"})
"""Settings of the training that have no bearing on its length."""


def steps_of(now: Moment, trials: Iterable[FrozenTrial]) -> float:
    """Training steps of trials, those of all their networks together, as far as they were trained."""
    between = _Lengths(now)
    trained = [trial for trial in trials if same_as_of(trial) is None]
    replicates = now.study.spec.search.replicates
    return sum(
        len(networks_of(trial) or range(replicates)) * between.steps(trial.params, str(stage_of(trial)), trial.last_step or 0)
        for trial in trained
    )


def steps_of_networks(now: Moment, points: Iterable[Mapping[str, Any]], stage: str, until: int | None = None) -> float:
    """Training steps of one network at each of some points, with the budget of a stage or up to an epoch."""
    between = _Lengths(now)
    return sum(between.steps(point, stage, until) for point in points)


def most_steps(now: Moment, points: Iterable[Mapping[str, Any]], stage: str) -> float:
    """Training steps of the network that takes the most of them, with the budget of a stage."""
    between = _Lengths(now)
    return max(between.steps(point, stage, None) for point in points)


class _Lengths:
    """How long trainings are, each worked out once: checking a trial's settings takes a while, and most are equally long."""

    def __init__(self, now: Moment) -> None:
        self._now, self._known = now, dict[Any, TrainingSpec]()
        spec = now.study.spec
        options = {name: resolve(parameter.option or name, spec.model, spec.training) for name, parameter in spec.space.items()}
        self._names = [name for name, path in options.items() if path[0] == "training" and path[-1] not in UNTIMED]

    def steps(self, point: Mapping[str, Any], stage: str, until: int | None) -> float:
        """Steps of a network up to the end of an epoch; None: of its budget."""
        key, images = (stage, *(point[name] for name in self._names)), self._now.study.images
        training = self._known.get(key) or self._known.setdefault(key, self._now.study.spec.settings(point, stage)[1])
        whole = training.total_epochs(images)
        return float(training.steps_between(0, whole if until is None else min(until, whole), images))


def share_left(now: Moment) -> float:
    """Training steps that the study file leaves for evidence, without what evidence has taken."""
    share = now.study.spec.search.evidence
    return (AUTO if share == "auto" else share) * steps_of(now, now.trials()) - steps_of(now, now.evidence)


def speed(now: Moment) -> float | None:
    """Training steps a second of one process, by the study's own trials; None before there are any."""
    trials = [trial for trial in now.with_evidence() if same_as_of(trial) is None]
    seconds = sum(seconds_of(trial) or 0.0 for trial in trials)
    return steps_of(now, trials) / seconds if seconds > 0 else None
