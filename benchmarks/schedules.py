"""A cluster in a simulation of discrete events: how busy its nodes are under three schedules, with pruning.

synchronous: a cohort goes through the rungs together. asynchronous: a slot goes on with what pruning has left of its group, and
gets new trials when nothing is left. refilling: hpo's own `--asynchronous`, by the same code (hpo.runner.slots): places that are
free in a group are filled at the next rung. Times and values of trials are drawn from a small real run, made first, on this
machine; the driver is one process that takes so long for a job (`python -m benchmarks scale` measures it).
"""

import argparse
import heapq
import itertools
import random
import statistics
import tempfile
import time
from bisect import bisect_left, insort
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from hpo import engines
from hpo.attributes import curves_of, outcome_of
from hpo.data import prepare
from hpo.runner import create, run
from hpo.runner.slots import Pool, share
from hpo.spec import parse
from hpo.storage import connect

from .machine import cores, described

RUNGS = (1, 3, 9)
FACTOR = 3

CASES: dict[str, dict[str, Any]] = {
    "networks of many sizes, one to a slot": {
        "model": {"name": "mlp", "hidden": [64]},
        "space": {"batch_size": {"low": 10, "high": 160, "log": True}, "learning_rate": {"low": 0.01, "high": 0.5, "log": True}},
        "execution": {"lanes": 1, "groups": 1, "cohort": 30},
    },
    "networks of one size, 16 to a slot": {
        "model": {"name": "mlp", "hidden": [64]},
        "space": {"learning_rate": {"low": 0.01, "high": 0.5, "log": True}, "momentum": {"low": 0.0, "high": 0.95}},
        "execution": {"lanes": 16, "groups": 1, "cohort": 48},
    },
}  # fmt: skip


class Measured(NamedTuple):
    """What a trial of the real run took, and what it reached."""

    seconds: float
    """An epoch, relative to the mean over all trials of the run."""
    noise: Sequence[float]
    """Of its epochs, each relative to their mean."""
    values: Sequence[float]
    """At the rungs."""


def main(argv: Sequence[str]) -> None:
    """Measure, simulate and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks schedules", description=__doc__)
    parser.add_argument("--nodes", type=int, default=1000)
    parser.add_argument("--trials", type=int, default=100_000)
    parser.add_argument(
        "--epochs", type=float, nargs="+", default=[1.0, 10.0, 60.0], help="seconds that an epoch takes, on average"
    )
    parser.add_argument("--driver", type=float, default=5.0, help="milliseconds that the driver takes for a job")
    parser.add_argument("--measured", type=int, default=48, help="trials of the real run")
    options = parser.parse_args(argv)
    print(described())
    for case, sections in CASES.items():
        measured, mean = _measure(sections, options.measured)
        spread = statistics.pstdev(each.seconds for each in measured)
        jitter = statistics.pstdev(noise for each in measured for noise in each.noise)
        print(f"\n{case}: {len(measured)} trials measured, an epoch {mean * 1e3:.1f} ms; variation between trials {spread:.2f},"
              f" between epochs of one {jitter:.2f}")  # fmt: skip
        for epoch in options.epochs:
            print(f"  an epoch of {epoch:g} s on average, {options.driver:g} ms of the driver for each job")
            for name, schedule in _schedules(int(sections["execution"]["lanes"]), options.nodes):
                began = time.perf_counter()
                world = World(options.nodes, options.trials, epoch, options.driver / 1e3, measured, random.Random(1))
                schedule(world)
                print(f"    {name:<32} {world}  (simulated in {time.perf_counter() - began:.0f} s)", flush=True)


def _measure(sections: dict[str, Any], trials: int) -> tuple[list[Measured], float]:
    """Times and values of a real run without pruning, and the mean seconds of an epoch."""
    spec = parse({
        "title": "Times to draw from", "data": {"name": "digits", "train": 1000, "validation": 400},
        "training": {"epochs": RUNGS[-1]}, "stage": [{"name": "all", "trials": trials}], **sections,
    })  # fmt: skip
    with tempfile.TemporaryDirectory() as folder, engines.make("processes", cores()) as engine:
        study = create(connect(f"sqlite:///{Path(folder)}/hpo.db", "create"), "times", spec)
        run(study, prepare(spec.data, say=lambda *lines: None), engine)
        curves = [curves_of(trial)[0] for trial in study.trials() if outcome_of(trial) == "completed"]
        study.database.close()
    means = [statistics.fmean(curve["seconds"]) for curve in curves]
    mean = statistics.fmean(means)
    return [_of_curve(curve, own, mean) for curve, own in zip(curves, means, strict=True)], mean


def _of_curve(curve: dict[str, list[float]], own: float, mean: float) -> Measured:
    values = [curve["validation_accuracy"][rung - 1] for rung in RUNGS]
    return Measured(own / mean, [second / own for second in curve["seconds"]], values)


@dataclass(frozen=True, slots=True)
class Lane:
    """A network: a trial of the real run, drawn, with its values shaken a little so that no two are equal."""

    drawn: Measured
    values: Sequence[float]
    reached: int = 0
    """Rungs that it has passed."""


@dataclass
class World:
    """Nodes of one slot, trials that are still to be asked, and one driver."""

    nodes: int
    left: int
    epoch: float
    cost: float
    """Of the driver, for a job, in seconds."""
    measured: Sequence[Measured]
    chance: random.Random
    now: float = 0.0
    useful: float = 0.0
    """Seconds of one lane's training, over all lanes."""
    busy: float = 0.0
    """Seconds of one slot with a job."""
    driver_free: float = 0.0
    lanes: int = 1
    _events: list[tuple[float, int, "tuple[Lane, ...]"]] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=itertools.count)
    _there: dict[int, list[float]] = field(default_factory=dict)
    """Values at each rung, of the trials that have got there, in order."""
    completed: int = 0

    def ask(self, count: int) -> list[Lane]:
        """So many new lanes, or as many as are left."""
        count = min(count, self.left)
        self.left -= count
        drawn = self.chance.choices(self.measured, k=count)
        return [Lane(each, [value + self.chance.gauss(0, 0.01) for value in each.values]) for each in drawn]

    def start(self, group: Sequence[Lane]) -> None:
        """Give a job to a free slot: lanes that stand at one rung. It takes as long as a full one: lanes share what they cost."""
        begin, end = (0, *RUNGS)[group[0].reached], RUNGS[group[0].reached]
        noise = self.chance.choices(group[0].drawn.noise, k=end - begin)
        seconds = self.epoch * group[0].drawn.seconds * sum(noise)
        self.busy += seconds
        self.useful += seconds * len(group)
        heapq.heappush(self._events, (self.now + seconds, next(self._numbers), tuple(group)))

    def end(self) -> tuple[Lane, ...] | None:
        """The job that ends next, once the driver has dealt with it; None when none is under way."""
        if not self._events:
            return None
        at, _, group = heapq.heappop(self._events)
        # One driver: results that come while it is at another one wait.
        self.driver_free = max(at, self.driver_free) + self.cost
        self.now = self.driver_free
        return group

    @property
    def under_way(self) -> int:
        """Jobs."""
        return len(self._events)

    def passed(self, group: Sequence[Lane]) -> list[Lane]:
        """Those that go on by what is known now, as ASHA has it."""
        rung = group[0].reached
        if rung == len(RUNGS) - 1:
            self.completed += len(group)
            return []
        there = self._there.setdefault(rung, [])
        for lane in group:
            insort(there, -lane.values[rung])
        most = max(1, len(there) // FACTOR)
        return [Lane(lane.drawn, lane.values, rung + 1) for lane in group if bisect_left(there, -lane.values[rung]) < most]

    def __str__(self) -> str:
        capacity = self.nodes * self.now
        return (
            f"places in use {100 * self.useful / capacity / self.lanes:5.1f} %, slots {100 * self.busy / capacity:5.1f} %,"
            f" {self.now / 3600:8.2f} h, {self.completed:,} completed"
        )


def _schedules(lanes: int, nodes: int) -> "Iterator[tuple[str, Any]]":
    for each in (2, 18):
        yield (
            f"synchronous, cohorts of {each * nodes * lanes:,}",
            lambda world, each=each: synchronous(world, lanes, each * nodes * lanes),
        )
    yield "asynchronous", lambda world: asynchronous(world, lanes)
    if lanes > 1:
        yield "refilling", lambda world: refilling(world, lanes)


def synchronous(world: World, lanes: int, cohort: int) -> None:
    """Cohort by cohort, rung by rung; groups as even as the number of slots allows."""
    world.lanes = lanes
    while live := world.ask(cohort):
        begun = len(live)
        for rung in range(len(RUNGS)):
            _rung(world, live, lanes)
            kept = -(-begun // FACTOR ** (rung + 1))
            live = sorted(live, key=lambda lane: -lane.values[rung])[:kept] if rung < len(RUNGS) - 1 else live
            live = [Lane(lane.drawn, lane.values, rung + 1) for lane in live]
        world.completed += len(live)


def _rung(world: World, live: Sequence[Lane], lanes: int) -> None:
    """Train a cohort to a rung: as soon as a slot is free it takes the next group."""
    count = -(-len(live) // lanes)
    count = min(len(live), -(-count // world.nodes) * world.nodes)
    waiting = [live[place::count] for place in range(count)]
    while waiting or world.under_way:
        while waiting and world.under_way < world.nodes:
            world.start(waiting.pop())
        world.end()


def asynchronous(world: World, lanes: int) -> None:
    """A slot keeps what pruning leaves of its group."""
    world.lanes = lanes
    for _ in range(world.nodes):
        if new := world.ask(lanes):
            world.start(new)
    while group := world.end():
        if going_on := world.passed(group) or world.ask(lanes):
            world.start(going_on)


def refilling(world: World, lanes: int) -> None:
    """As hpo does it."""
    world.lanes = lanes
    pool: Pool[Lane] = Pool(lanes)
    while True:
        for free in range(world.nodes - world.under_way, 0, -1):
            group = pool.take(free, more=world.left > 0)
            if not group and world.left:
                for lane in world.ask(share(lanes, world.nodes, free, world.left)):
                    pool.add(0, None, lane)
                group = pool.take(free, more=world.left > 0)
            if not group:
                break
            world.start(group)
        ended = world.end()
        if ended is None:
            return
        for lane in world.passed(ended):
            pool.add(lane.reached, None, lane)
