"""A stand-in for hpo.training.run that takes no time: the same contract, with arithmetic in place of networks.

Every figure depends on the job's seed, on the lane and, in its last digits, on the lanes that it was grouped with, so that a
driver that forgets a checkpoint, an epoch or a grouping gets other numbers. The environment makes it misbehave.
"""

import json
import math
import os
import signal
import time
from collections.abc import Callable
from dataclasses import replace

from hpo.seeds import derive
from hpo.training.job import Divergence, EpochMetrics, Job, JobResult, Lane, LaneResult, Progress


def run(job: Job, on_progress: Callable[[Progress], None]) -> JobResult:
    """Train nothing, deterministically."""
    _misbehave(job)
    company = derive(0, " ".join(f"{lane.trial}/{lane.replicate}" for lane in job.lanes)) * 1e-22
    states = [_state(job, lane) for lane in job.lanes]
    for epoch in range(job.begin + 1, job.end + 1):
        time.sleep(float(os.environ.get("FAKE_SECONDS", "0")))
        for lane, state in zip(job.lanes, states, strict=True):
            _epoch(job, lane, state, epoch, company)
        on_progress(Progress(len(job.lanes), 10 * len(job.lanes), epoch, max((s["value"] for s in states), default=None)))
    results = tuple(_result(job, lane, state) for lane, state in zip(job.lanes, states, strict=True))
    return JobResult(results, 0.0, 10 * len(job.lanes) * (job.end - job.begin))


def noting(job: Job, on_progress: Callable[[Progress], None]) -> JobResult:
    """The same, with a note for the user."""
    return replace(run(job, on_progress), notes=("trained by hand",))


def _misbehave(job: Job) -> None:
    rates = [lane.training.learning_rate for lane in job.lanes]
    if any(rate < float(os.environ.get("FAKE_ERROR_BELOW", "0")) for rate in rates):
        raise ValueError("this rate\nis too small")
    if len(job.lanes) > int(os.environ.get("FAKE_MEMORY", "1000")):
        raise MemoryError
    starved = os.environ.get("FAKE_STARVED")  # A folder: the first job of each trial does not fit into the memory.
    if starved and not os.path.exists(mark := f"{starved}/{job.lanes[0].trial}"):
        open(mark, "w").close()
        raise MemoryError
    marks = os.environ.get("FAKE_DEATHS")
    if marks:
        for number in range(int(os.environ.get("FAKE_DEATHS_COUNT", "1"))):
            try:
                os.close(os.open(f"{marks}.{number}", os.O_CREAT | os.O_EXCL))
            except FileExistsError:
                continue
            os.kill(os.getpid(), signal.SIGKILL)


def _state(job: Job, lane: Lane) -> dict[str, float]:
    if job.begin == 0:
        assert lane.checkpoint is None
        return {"epoch": 0, "value": 0.0}
    assert lane.checkpoint is not None
    state: dict[str, float] = json.loads(lane.checkpoint)
    assert state["epoch"] == job.begin
    return {**state, "before": 0}


def _epoch(job: Job, lane: Lane, state: dict[str, float], epoch: int, company: float) -> None:
    if lane.training.learning_rate > 0.45 and epoch >= 2 + lane.trial % 3:
        state.setdefault("diverged", epoch)
        return
    noise = derive(job.seed, "fake", lane.trial, lane.replicate, epoch) / 2**32
    best = math.exp(-(math.log(lane.training.learning_rate / 0.1) ** 2) / 4)
    state["epoch"] = epoch
    state["value"] = 0.5 * state["value"] + 0.4 * best + 0.1 * noise + company
    state[f"value {epoch}"] = state["value"]


def _result(job: Job, lane: Lane, state: dict[str, float]) -> LaneResult:
    broken = lane.training.learning_rate < float(os.environ.get("FAKE_NAN_BELOW", "0"))
    epochs = tuple(
        EpochMetrics(epoch, 0.1, 2 - value, 2 - value, value, 2 - value, 2 - value, math.nan if broken else value, 0.01)
        for epoch in range(job.begin + 1, job.end + 1)
        if (value := state.get(f"value {epoch}")) is not None
    )
    if "diverged" in state:
        at = int(state["diverged"])
        return LaneResult(lane.trial, lane.replicate, epochs, Divergence("exploded", 10 * at, at, 9.0, 2.3), None)
    return LaneResult(lane.trial, lane.replicate, epochs, None, json.dumps(state).encode())
