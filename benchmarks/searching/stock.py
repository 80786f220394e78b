"""Optuna as its tutorials use it: one trial after the other, reported to the pruner after each epoch."""

import math
import time
import warnings
from typing import Any, NamedTuple

import optuna
from optuna.pruners import BasePruner, HyperbandPruner, NopPruner
from optuna.samplers import BaseSampler, RandomSampler, TPESampler

from hpo.space import Parameter

from .record import Ended, Search
from .tasks import Point, Task


class Kind(NamedTuple):
    """A way to search."""

    sampler: type[BaseSampler] = TPESampler
    hyperband: bool = False
    to_the_end: bool = False
    """Whether a diverged network trains on: NaN is then told only where the metric is not finite in the end."""


KINDS = {
    "Optuna": Kind(),
    "Optuna, no check": Kind(to_the_end=True),
    "random": Kind(RandomSampler),
    "Optuna's Hyperband": Kind(hyperband=True),
}


def search(task: Task, kind: Kind, seed: int) -> Search:
    """Search until the budget is spent; the trial that exceeds it does not count."""
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    study = optuna.create_study(
        direction=task.spec.search.direction,
        sampler=kind.sampler(seed=seed),  # type: ignore[call-arg]  # of the two that are used here
        pruner=_pruner(task, kind),
    )
    found = _Objective(task, kind, seed)
    began = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Optuna warns of every NaN.
        while found.spent < task.budget:
            study.optimize(found, n_trials=1)
    return Search(tuple(found.ended), task.spec.search.direction == "maximize", time.perf_counter() - began)


def _pruner(task: Task, kind: Kind) -> BasePruner:
    return HyperbandPruner(1, task.spec.training.epochs or 1, 3) if kind.hyperband else NopPruner()


class _Objective:
    """Trains a trial and keeps account."""

    def __init__(self, task: Task, kind: Kind, seed: int) -> None:
        self._task, self._kind, self._seed = task, kind, seed
        self.ended: list[Ended] = []
        self.spent = 0

    def __call__(self, trial: optuna.Trial) -> float:
        point = {name: _suggest(trial, name, parameter) for name, parameter in self._task.spec.space.items()}
        own, value, diverged, pruned = 0, None, False, False
        for number, epoch in enumerate(self._task.epochs(point, self._seed, trial.number, to_the_end=False), start=1):
            own += epoch.steps
            value, diverged = epoch.value, epoch.value is None
            if value is not None and self._kind.hyperband:
                trial.report(value, number)
                if pruned := trial.should_prune():
                    break
        if diverged and self._kind.to_the_end:
            own, value = self._whole(point, trial.number)
        self.spent += own
        self.ended.append(Ended(self.spent, own, None if pruned else value, diverged, point))
        if pruned:
            raise optuna.TrialPruned
        return math.nan if value is None else value

    def _whole(self, point: Point, number: int) -> tuple[int, float | None]:
        """What a script that looks at nothing spends on a network that has diverged, and what it gets."""
        epochs = list(self._task.epochs(point, self._seed, number, to_the_end=True))
        whole = (self._task.spec.training.epochs or 0) * epochs[0].steps
        return whole, epochs[-1].value


def _suggest(trial: optuna.Trial, name: str, parameter: Parameter) -> Any:
    low, high = parameter.ends
    return trial.suggest_float(name, low, high, log=parameter.log)
