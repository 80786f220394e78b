"""What is searched: two networks under real training, and a test function of which the truth is known."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np

from hpo.data import Prepared, prepare
from hpo.seeds import derive
from hpo.spec import StudySpec, parse
from hpo.training import EpochMetrics, Job, JobResult, Lane, LaneResult, Progress, run

Point = Mapping[str, Any]

SPACE = {
    "eta": {"option": "learning_rate", "low": 1e-3, "high": 100.0, "log": True},
    "momentum": {"low": 0.0, "high": 0.99},
    "lambda": {"option": "l2", "low": 1e-6, "high": 0.1, "log": True},
    "std": {"option": "init.std", "low": 1e-3, "high": 1.0, "log": True},
    "decay": {"option": "schedule.decay", "low": 0.5, "high": 1.0},
}
"""As wide as somebody makes it who does not know the network: about half of it diverges."""


class Epoch(NamedTuple):
    """One epoch of one trial."""

    steps: int
    value: float | None
    """The metric after it; None when training diverged in it."""


class Task(Protocol):
    """Something to search, the same for all contenders."""

    @property
    def name(self) -> str:
        """On the command line and in the tables."""
        ...

    @property
    def spec(self) -> StudySpec:
        """The study file that the contenders share."""
        ...

    @property
    def work(self) -> str:
        """What hpo's engine does with a job."""
        ...

    @property
    def data(self) -> Prepared:
        """The images."""
        ...

    @property
    def steps(self) -> int:
        """Of an epoch."""
        ...

    @property
    def budget(self) -> int:
        """Lane-steps that a search may spend."""
        ...

    def epochs(self, point: Point, seed: int, number: int, to_the_end: bool) -> Iterator[Epoch]:
        """A trial as a script would train it, epoch by epoch, no further than its divergence unless it is to go on."""
        ...

    def truth(self, point: Point, seed: int) -> float:
        """What a point is worth: on fresh seeds, or without noise."""
        ...


@dataclass(frozen=True)
class Network:
    """A network on real images."""

    name: str
    spec: StudySpec
    trials: int
    """That the budget would train whole."""
    work: str = "hpo.training:run"

    @cached_property
    def data(self) -> Prepared:
        """See Task."""
        return prepare(self.spec.data)

    @property
    def steps(self) -> int:
        """See Task."""
        return self.spec.training.steps_per_epoch(len(self.data.train))

    @property
    def budget(self) -> int:
        """See Task."""
        return self.trials * (self.spec.training.epochs or 0) * self.steps

    def epochs(self, point: Point, seed: int, number: int, to_the_end: bool) -> Iterator[Epoch]:
        """See Task. A script looks at its cost after an epoch: what it spends on one that diverges is the whole of it."""
        from hpo.training.arithmetic import exact
        from hpo.training.trainer import Trainer

        model, training = self.spec.settings(point)
        if to_the_end:
            training = training.model_copy(update={"explode_at": 1e300})
        with exact("cpu"):
            trainer = Trainer(Job(seed, self.data, (Lane(number, 0, model, training),), 0, training.epochs or 0))
            for epoch in range(trainer.job.end):
                trainer.epoch(epoch)
                if trainer.divergence(0):
                    yield Epoch(self.steps, None)
                    return
                yield Epoch(self.steps, getattr(trainer.metrics(0), self.spec.search.metric))

    def truth(self, point: Point, seed: int, networks: int = 5) -> float:
        """See Task: the mean of five networks of seeds that no search has used; those that diverge count as chance."""
        model, training = self.spec.settings(point)
        lanes = tuple(Lane(1_000_000, replicate, model, training) for replicate in range(networks))
        found = run(Job(seed, self.data, lanes, 0, training.epochs or 0), lambda _: None)
        chance = 1 / len(self.data.classes)
        return float(np.mean([chance if lane.divergence else lane.epochs[-1].validation_accuracy for lane in found.lanes]))


EPOCHS = 81
"""Of the test function: its rungs are those of the exercise, 1, 3, 9, 27 and 81."""


def value_of(x: float, optimum: float, shift: float, epoch: int, noise: float = 0.0) -> float:
    """f(x) = (sqrt|x_opt - x| + .5/n) (1 + |noise|) with x_opt = optimum - shift / sqrt(n), after n epochs.

    Freiburg Deep Learning Lab, winter 2016/17, exercise 4.
    """
    return float((np.sqrt(abs(optimum - shift / np.sqrt(epoch) - x)) + 0.5 / epoch) * (1 + abs(noise)))


@dataclass(frozen=True)
class Function:
    """The test function: what few epochs show is shifted from what many do. Its optimum is the seed's own."""

    name: str
    spec: StudySpec
    shift: float
    trials: int
    work: str = "benchmarks.searching.tasks:function_job"
    steps: int = 1

    @property
    def data(self) -> Prepared:
        """See Task; nobody looks at them. The shift travels in their place."""
        places = np.arange(100)
        return Prepared(
            Path("none"), Path("none"), places, places, places, (1, 8, 8), tuple("0123456789"), "unit", f"shift {self.shift}"
        )

    @property
    def budget(self) -> int:
        """See Task."""
        return self.trials * EPOCHS

    def epochs(self, point: Point, seed: int, number: int, to_the_end: bool) -> Iterator[Epoch]:
        """See Task; an epoch is one step."""
        yield from (Epoch(1, noisy(point["x"], self.shift, seed, number, epoch)) for epoch in range(1, EPOCHS + 1))

    def truth(self, point: Point, seed: int) -> float:
        """See Task."""
        return value_of(point["x"], optimum_of(seed, self.shift), self.shift, EPOCHS)


def optimum_of(seed: int, shift: float) -> float:
    """Where the optimum of a seed lies, so that x_opt never leaves [0, 1]."""
    return shift + (1 - shift) * derive(seed, "optimum") / 2**32


NOISE = 0.1
"""Standard deviation of the test function's noise."""


def noisy(x: float, shift: float, seed: int, number: int, epoch: int) -> float:
    """What a trial sees of the function after an epoch."""
    noise = NOISE * np.random.default_rng(derive(seed, "noise", number, epoch)).standard_normal()
    return value_of(x, optimum_of(seed, shift), shift, epoch, noise)


def function_job(job: Job, on_progress: Callable[[Progress], None]) -> JobResult:
    """The test function as work for an engine: x is what would be the learning rate."""
    shift = float(job.data.sha256.removeprefix("shift "))
    found = tuple(LaneResult(lane.trial, lane.replicate, _curve(job, lane, shift), None, b"none") for lane in job.lanes)
    steps = len(job.lanes) * (job.end - job.begin)
    on_progress(Progress(len(job.lanes), steps, job.end, None))
    return JobResult(found, 0.0, steps)


def _curve(job: Job, lane: Lane, shift: float) -> tuple[EpochMetrics, ...]:
    values = [noisy(lane.training.l2, shift, job.seed, lane.trial, epoch) for epoch in range(job.begin + 1, job.end + 1)]
    return tuple(
        EpochMetrics(job.begin + place + 1, 0.1, value, value, 1.0, value, value, 1.0, 0.0) for place, value in enumerate(values)
    )


def _network(name: str, data: Mapping[str, Any], model: Mapping[str, Any], trials: int) -> Network:
    tree = {
        "title": name,
        "data": data,
        "model": model,
        "training": {"optimizer": "momentum", "batch_size": 25, "epochs": 9, "schedule": {"name": "exponential", "decay": 0.9}},
        "space": SPACE,
        "stage": [{"name": "all", "trials": 100_000}],
        "execution": {"groups": 1, "precision": "float32"},
    }
    return Network(name, parse(tree), trials)


def _function(shift: float, trials: int) -> Function:
    tree = {
        "title": "function",
        "data": {"name": "digits"},
        "model": {"name": "linear"},
        "training": {"epochs": EPOCHS},
        "space": {"x": {"option": "l2", "low": 0.0, "high": 1.0}},
        "search": {"metric": "validation_loss"},
        "stage": [{"name": "all", "trials": 100_000}],
        "execution": {"groups": 1, "precision": "float32"},
    }
    return Function(f"function-{shift:g}", parse(tree), shift, trials)


def tasks() -> dict[str, Task]:
    """By name."""
    digits = {"name": "digits", "train": 1000, "validation": 600}
    mnist = {"name": "mnist", "train": 1000, "validation": 1000}
    networks = (
        _network("digits", digits, {"name": "mlp", "hidden": [32, 32], "init": {"std": 0.1}}, 40),
        _network("mnist", mnist, {"name": "mlp", "hidden": [50, 30], "init": {"std": 0.1}}, 40),
    )
    found: list[Task] = [*networks, *(_function(shift, 20) for shift in (0.0, 0.2, 0.4, 0.8))]
    return {task.name: task for task in found}


def searched_by(task: Task, search: Mapping[str, Any], stages: list[dict[str, Any]] | None = None) -> StudySpec:
    """The task's study file with another way to search it."""
    tree = task.spec.model_dump(mode="json", exclude_none=True)
    tree["search"] = {**tree["search"], **search}
    tree["stage"] = stages or tree["stage"]
    return parse(tree)
