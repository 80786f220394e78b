"""What training has cost, and what evidence may."""

from collections.abc import Iterable, Mapping
from typing import Any

from optuna.trial import FrozenTrial

from ..attributes import networks_of, same_as_of, seconds_of, stage_of
from ..runner.stored import Moment

AUTO = 0.25
"""Share of the search's training steps that evidence takes where the study file leaves it open."""


def steps_of(now: Moment, trials: Iterable[FrozenTrial]) -> float:
    """Training steps of trials, those of all their networks together, as far as they were trained."""
    return sum(_steps(now, trial) for trial in trials if same_as_of(trial) is None)


def _steps(now: Moment, trial: FrozenTrial) -> float:
    networks = len(networks_of(trial) or range(now.study.spec.search.replicates))
    _, training = now.study.spec.settings(trial.params, stage_of(trial))
    return float(networks * training.steps_between(0, trial.last_step or 0, now.study.images))


def steps_of_network(now: Moment, point: Mapping[str, Any], stage: str) -> float:
    """Training steps of one network at a point, with the whole budget of a stage."""
    images = now.study.images
    _, training = now.study.spec.settings(point, stage)
    return float(training.steps_between(0, training.total_epochs(images), images))


def share_left(now: Moment) -> float:
    """Training steps that the study file leaves for evidence, without what evidence has taken."""
    share = now.study.spec.search.evidence
    return (AUTO if share == "auto" else share) * steps_of(now, now.trials()) - steps_of(now, now.evidence)


def speed(now: Moment) -> float | None:
    """Training steps a second of one process, by the study's own trials; None before there are any."""
    trials = [trial for trial in now.with_evidence() if same_as_of(trial) is None]
    seconds = sum(seconds_of(trial) or 0.0 for trial in trials)
    return steps_of(now, trials) / seconds if seconds > 0 else None
