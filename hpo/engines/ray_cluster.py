"""Jobs on a Ray cluster: each one a task that takes one core, and a share of a GPU where it trains on one."""

import contextlib
import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from time import monotonic
from typing import TYPE_CHECKING, Any, Self, TypeAlias, cast

from ..errors import EngineError
from ..training.job import Job, JobResult, Progress
from . import ray_session
from .base import DEATHS_ALLOWED, IDLE, JobFailure, OnProgress, Waiting
from .environment import KEPT_MEMORY, ONE_THREAD
from .ray_data import Shipment, shipped
from .ray_task import Message, Refused, Started, serve, versions, warm_up
from .work import TRAINING, wants_torch

if TYPE_CHECKING:
    from ray import ObjectRef, ObjectRefGenerator

    Stream: TypeAlias = ObjectRefGenerator

LOOK_SECONDS = 2.0
"""How often the driver looks which nodes there are."""

GATHERED = 5e-5
"""Seconds, for each job under way, in which words of others are gathered: Ray looks through all of them, 12 ms for a thousand."""


_CORE = {"CPU": 1.0}


class RayCluster:
    """The engine for many machines. Without an address, Ray is started on this one, with so many workers.

    A Ray that this process has joined already is used as it is, and left running.
    """

    def __init__(
        self, workers: int, address: str | None = None, work: str = TRAINING, gpu_share: float = 1.0, ahead: int | None = None
    ) -> None:
        """`gpu_share`: of a GPU, for each job that trains on one. `ahead`: jobs handed to Ray beyond its slots; one a node."""
        ray_session.installed()
        self._workers, self._address, self._work, self._gpu_share, self._ahead = workers, address, work, gpu_share, ahead
        self._closing = contextlib.ExitStack()
        self._shipment: tuple[str, ObjectRef[Shipment]] | None = None
        self._nodes: list[dict[str, Any]] = []
        self._looked = -math.inf
        self._needs: Mapping[str, float] = {}
        self._task: Any = None

    def __enter__(self) -> Self:
        if not ray_session.running():
            if self._address is None:
                self._closing.enter_context(ray_session.own(self._workers, {**ONE_THREAD, **KEPT_MEMORY}))
            else:
                self._closing.enter_context(ray_session.joined(self._address))
        if self._address is None and wants_torch(self._work):
            import ray

            warming = ray.remote(num_cpus=1)(warm_up)
            for _ in range(self._workers):
                warming.remote()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._shipment = None
        self._closing.close()

    @property
    def slots(self) -> int:
        """Jobs that the nodes of now can do at once."""
        return sum(
            int(min(node["Resources"].get(name, 0) / share for name, share in (self._needs or _CORE).items()))
            for node in self._look()
        )

    @property
    def machines(self) -> frozenset[str]:
        """Addresses of the machines whose nodes are alive."""
        return frozenset(node["NodeManagerAddress"] for node in self._look())

    def _look(self) -> list[dict[str, Any]]:
        import ray

        if monotonic() - self._looked > LOOK_SECONDS:
            self._nodes = [node for node in ray.nodes() if node["Alive"]]
            self._looked = monotonic()
        return self._nodes

    def run(self, jobs: Sequence[Job], on_progress: OnProgress) -> Iterator[tuple[int, JobResult | JobFailure]]:
        """Each job's index and outcome, as they come. A job whose worker or node dies is run again, by another.

        Raises EngineError when a job has taken three workers with it, when no node has what a job needs, and when a node's
        versions are others than the driver's.
        """
        import ray

        batch = _Batch(self, jobs)
        try:
            while batch.hand_out():
                ready = _ready(list(batch.at_work))
                if not ready:
                    on_progress(IDLE)
                for stream in ready:
                    message = batch.receive(stream)
                    if isinstance(message, Progress):
                        on_progress(message)
                    elif isinstance(message, JobResult | JobFailure):
                        index = batch.at_work.pop(stream)
                        batch.hand_out()
                        yield index, message
        finally:
            for stream in batch.at_work:  # Left before the end: what these tasks still do is of no use.
                ray.cancel(stream, force=True)

    def start(self, job: Job) -> "Stream":
        """Hand a job to Ray. Raises EngineError when no node has what it needs."""
        import ray

        needs = {**_CORE, **({"GPU": self._gpu_share} if job.device == "cuda" else {})}
        if needs != self._needs:  # Only at first: a cluster that has lost its nodes gets new ones, and jobs wait for them.
            self._needs = needs
            if not self.slots:
                raise EngineError(_no_room(needs, self._look()))
            # Once, because Ray pickles the function and sends it round each time.
            remote = ray.remote(num_cpus=1, num_gpus=needs.get("GPU", 0), max_retries=0, num_returns="streaming")
            self._task = remote(serve)
        stripped = replace(job, data=cast(Any, None))  # Thousands of indices: once a study, not once a job.
        return cast("Stream", self._task.remote(self._work, stripped, self._shipped(job)))

    def most_at_work(self) -> int:
        """So many jobs are with Ray at a time: more would only fill the object store with checkpoints that wait."""
        return self.slots + (len(self._look()) if self._ahead is None else self._ahead)

    def _shipped(self, job: Job) -> "ObjectRef[Shipment]":
        import ray

        if self._shipment is None or self._shipment[0] != job.data.sha256:
            home = ray.get_runtime_context().get_node_id()
            self._shipment = job.data.sha256, shipped(job.data, home, elsewhere=self._address is not None)
        return self._shipment[1]


class _Batch:
    """The jobs of one run of the engine."""

    def __init__(self, engine: RayCluster, jobs: Sequence[Job]) -> None:
        self._engine, self._jobs, self._waiting = engine, jobs, Waiting(jobs)
        self._deaths: Counter[int] = Counter()
        self._versions = versions()
        self.at_work: dict[Stream, int] = {}

    def hand_out(self) -> bool:
        """Give Ray as many jobs as it should have. False when all are done."""
        while self._waiting and len(self.at_work) < max(1, self._engine.most_at_work()):
            index = self._waiting.take()
            self.at_work[self._engine.start(self._jobs[index])] = index
        return bool(self.at_work)

    def receive(self, stream: "Stream") -> Message | None:
        """A task's next word. None when there is none because its worker has died, and its job will be run again."""
        import ray
        from ray.exceptions import RayError, RayTaskError

        try:
            message = cast(Message, ray.get(next(stream)))
        except RayTaskError as error:
            raise EngineError(_not_served(error)) from error
        except (RayError, StopIteration) as error:
            index = self.at_work.pop(stream)
            self._deaths[index] += 1
            if self._deaths[index] == DEATHS_ALLOWED:
                raise EngineError(_deadly(self._jobs[index], error)) from error
            self._waiting.again.append(index)
            return None
        if isinstance(message, Started):
            self._check_versions(message)
        if isinstance(message, Refused):
            raise EngineError(f"node {message.node} of the Ray cluster: {message.reason}")
        return message

    def _check_versions(self, started: Started) -> None:
        others = [f"{name} {started.versions[name]} (driver: {ours})" for name, ours in self._versions.items()
                  if started.versions[name] != ours]  # fmt: skip
        if others:
            raise EngineError(
                f"every node must have the driver's versions, or results would depend on the node, but {started.node} has"
                f" {', '.join(others)}: install the same ones on all of them"
            )


def _ready(streams: Sequence["Stream"]) -> "list[Stream]":
    """The streams that have something to say; waits for the first, for a time."""
    import ray

    waiting = list(streams)
    found, _ = ray.wait(waiting, num_returns=1, timeout=LOOK_SECONDS, fetch_local=False)
    if found:
        found, _ = ray.wait(waiting, num_returns=len(waiting), timeout=GATHERED * len(waiting), fetch_local=False)
    return list(found)


def _no_room(needs: Mapping[str, float], nodes: Sequence[Mapping[str, Any]]) -> str:
    wanted = " and ".join(f"{amount:g} {name}" for name, amount in needs.items())
    there = "; ".join(
        f"{node['NodeManagerAddress']}: " + ", ".join(f"{node['Resources'].get(name, 0):g} {name}" for name in needs)
        for node in nodes
    )
    return f"a job takes {wanted}, which no node of the Ray cluster has ({there}): add a node that does"


def _not_served(error: Exception) -> str:
    said = " ".join(str(error).split())
    if missing := re.findall(r"No module named '[^']+'", said):
        return f"every node needs hpo-lanes and your own modules, installed as on the driver: {missing[-1]}"
    return f"a node of the Ray cluster cannot run jobs: {said[-600:]}"


def _deadly(job: Job, error: Exception) -> str:
    trials = sorted({lane.name for lane in job.lanes})
    said = " ".join(str(error).split())
    memory = "; try fewer --lanes in a new study, or nodes with more memory" if type(error).__name__ == "OutOfMemoryError" else ""
    return f"a worker died {DEATHS_ALLOWED} times over the same job (trials {trials}): {said[:300]}{memory}"
