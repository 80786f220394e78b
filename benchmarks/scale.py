"""How a study scales: with the nodes of a Ray cluster, with the jobs under way, and with the drivers on one PostgreSQL server.

nodes: jobs of a fixed length on clusters of 1, 2, 4 and 8 nodes, which are processes of this machine; the jobs sleep, so that few
cores do. ray, driver: what a job costs the driver when a thousand are under way, in its own processor time, with Ray alone and
with all else but Ray. storage: drivers whose engine makes results up share a study on a PostgreSQL server: trials per second,
thousand by thousand.
"""

import argparse
import multiprocessing
import os
import statistics
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any

from hpo.engines.base import OnProgress
from hpo.runner import StoredStudy, create, load, run
from hpo.storage import connect
from hpo.testing import postgresql
from hpo.training.job import Job, JobResult

from .compare import spread
from .machine import described
from .synthetic import MadeUp, images, study_of

_RAY = {
    "RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": "0123456789abcdef" * 4, "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",
    "RAY_USAGE_STATS_ENABLED": "0", "OMP_NUM_THREADS": "1",
}  # fmt: skip

PARTS = ("nodes", "ray", "driver", "storage")
SLOTS = 2
"""Of a node."""


def main(argv: Sequence[str]) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks scale", description=__doc__)
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--nodes", type=int, nargs="+", default=[1, 2, 4, 8])
    parser.add_argument("--seconds", type=float, default=2.0, help="that a job on the cluster takes")
    parser.add_argument("--jobs", type=int, default=8, help="for each slot of the cluster")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--flight", type=int, default=1000, help="jobs under way")
    parser.add_argument("--drivers", type=int, default=8)
    parser.add_argument("--trials", type=int, default=10_000)
    options = parser.parse_args(argv)
    print(described())
    if "nodes" in options.parts:
        for nodes in options.nodes:
            _nodes(nodes, options.seconds, options.jobs, options.rounds)
    if "ray" in options.parts:
        _ray(options.flight)
    if "driver" in options.parts:
        _drivers(options.flight, options.rounds)
    if "storage" in options.parts:
        _storage(options.drivers, options.trials, options.rounds)


@contextmanager
def _cluster(nodes: int, ahead: int | None = None) -> "Iterator[Any]":
    """The engine on a cluster of so many nodes, beside one for the driver; its workers are warm."""
    os.environ.update(_RAY)
    from ray.cluster_utils import Cluster

    from hpo.engines.ray_cluster import RayCluster
    from hpo.testing.engine_work import WORK

    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 0, "include_dashboard": False})
    try:
        for _ in range(nodes):
            cluster.add_node(num_cpus=SLOTS)
        with RayCluster(1, cluster.address, WORK, ahead=ahead) as engine:
            _seconds(engine, _jobs(4 * SLOTS * nodes, 0.5))
            yield engine
    finally:
        cluster.shutdown()


def _jobs(count: int, seconds: float) -> list[Job]:
    from hpo.testing.pytest_engines import made_up_data, practice_job

    folder = Path(tempfile.mkdtemp(prefix="hpo-scale-"))
    data = made_up_data(folder)
    return [practice_job(data, trial, 1, end=1, seconds=seconds) for trial in range(count)]


def _seconds(engine: Any, jobs: Sequence[Job]) -> float:
    began = time.perf_counter()
    assert all(isinstance(outcome, JobResult) for _, outcome in engine.run(jobs, lambda progress: None))
    return time.perf_counter() - began


def _nodes(nodes: int, seconds: float, each: int, rounds: int) -> None:
    with _cluster(nodes) as engine:
        jobs = _jobs(each * SLOTS * nodes, seconds)
        found = [each * seconds / _seconds(engine, jobs) for _ in range(rounds)]
    print(f"{nodes} nodes of {SLOTS} slots, {len(jobs)} jobs of {seconds:g} s: efficiency {spread(found)}", flush=True)


class Held(MadeUp):
    """An engine that always has as many jobs under way as it has slots, while there are any, and ends the oldest one."""

    def __init__(self, slots: int) -> None:
        self.slots = slots
        self.most = 0

    def run(self, jobs: Sequence[Job], on_progress: OnProgress) -> Iterator[tuple[int, JobResult]]:
        """See hpo.engines.Engine."""
        under_way: deque[tuple[int, Job]] = deque()
        given = 0
        while given < len(jobs) or under_way:
            while given < len(jobs) and len(under_way) < self.slots:
                under_way.append((given, jobs[given]))
                given += 1
            self.most = max(self.most, len(under_way))
            index, job = under_way.popleft()
            yield index, next(iter(super().run([job], on_progress)))[1]


def _ray(tasks: int) -> None:
    with _cluster(2, ahead=tasks) as engine:
        jobs = _jobs(2 * tasks, 0.0)
        found = _processor(lambda: _seconds(engine, jobs)) / len(jobs)
    print(f"Ray, {tasks:,} tasks under way, {len(jobs):,} jobs: {1e3 * found:.1f} ms of the driver for a job", flush=True)


def _drivers(slots: int, rounds: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for name, asynchronous in (("in cohorts", False), ("asynchronous", True)):
            for pruner in ("none", "successive-halving"):
                costs = [
                    _driver(Path(folder) / f"{name}-{pruner}-{number}.db", slots, pruner, asynchronous)
                    for number in range(rounds)
                ]
                print(
                    f"the run itself, SQLite, {slots:,} jobs under way, {name}, pruner {pruner}: {spread(costs, '.1f')} ms a job",
                    flush=True,
                )


def _driver(file: Path, slots: int, pruner: str, asynchronous: bool) -> float:
    """Milliseconds of the driver for a job of one network, its trial asked, kept, judged and told."""
    spec = study_of(2 * slots, pruner)
    execution = spec.execution.model_copy(update={"lanes": 1, "cohort": slots, "groups": slots})
    study = create(connect(f"sqlite:///{file}", "create"), "flight", spec.model_copy(update={"execution": execution}))
    engine, jobs = Held(slots), 0

    def count(event: Any) -> None:
        nonlocal jobs
        jobs += getattr(event, "jobs", 0) + (type(event).__name__ == "GroupStarted")

    spent = _processor(lambda: run(study, images(), engine, asynchronous=asynchronous, display=count))
    study.database.close()
    return 1e3 * spent / jobs


def _processor(work: Callable[[], Any]) -> float:
    """Processor seconds of this process."""
    began = time.process_time()
    work()
    return time.process_time() - began


def _storage(drivers: int, trials: int, rounds: int) -> None:
    reason = postgresql.why_not()
    if reason is not None:
        print(f"storage: left out, {reason}")
        return
    found = [_throughput(drivers, trials) for _ in range(rounds)]
    seconds = spread([trials // 10 * sum(each) for each in found], ".0f")
    print(f"{trials:,} trials in PostgreSQL by {drivers} drivers: {seconds} s")
    medians = [statistics.median(column) for column in zip(*found, strict=True)]
    print(f"  trials a second, by {trials // 10:,}: " + " ".join(f"{1 / median:.0f}" for median in medians))
    print(f"  the last at {spread([each[0] / each[-1] for each in found])} times the rate of the first,")
    print(f"  the second half at {spread([sum(each[:5]) / sum(each[5:]) for each in found])} times that of the first", flush=True)


def _throughput(drivers: int, trials: int) -> list[float]:
    """Seconds for a trial, tenth by tenth of the trials in the order of their ends, from the first question on."""
    with tempfile.TemporaryDirectory() as folder, postgresql.server() as server:
        os.environ["XDG_DATA_HOME"] = folder
        url = server.fresh()
        study = create(connect(url, "create"), "shared", study_of(trials, "successive-halving"))
        study.database.close()
        context = multiprocessing.get_context("spawn")
        processes = [context.Process(target=_drive, args=(url,)) for _ in range(drivers)]
        for process in processes:
            process.start()
        for process in processes:
            process.join()
        assert [process.exitcode for process in processes] == [0] * drivers
        return _seconds_for_a_trial(load(connect(url, "read"), "shared"))


def _drive(url: str) -> None:
    study = load(connect(url, "write"), "shared")
    run(study, images(), MadeUp())
    study.database.close()


def _seconds_for_a_trial(study: StoredStudy) -> list[float]:
    trials = study.trials()
    study.database.close()
    asked = min(trial.datetime_start for trial in trials if trial.datetime_start is not None)
    ended = sorted(trial.datetime_complete for trial in trials if trial.datetime_complete is not None)
    assert len(ended) == study.spec.trials == len({trial.number for trial in trials})
    tenths = [asked, *(ended[len(ended) * tenth // 10 - 1] for tenth in range(1, 11))]
    return [(last - first).total_seconds() / (len(ended) // 10) for first, last in pairwise(tenths)]
