"""Training of many networks at once. Nothing in here needs torch until a job is run."""

from collections.abc import Callable

from .capabilities import default_precision
from .grouping import default_lanes, effort, lane_key
from .job import Divergence, EpochMetrics, Job, JobResult, Lane, LaneResult, Progress

__all__ = [
    "Divergence",
    "EpochMetrics",
    "Job",
    "JobResult",
    "Lane",
    "LaneResult",
    "Progress",
    "default_lanes",
    "default_precision",
    "effort",
    "lane_key",
    "run",
]


def run(job: Job, on_progress: Callable[[Progress], None]) -> JobResult:
    """Train a job's lanes from epoch `begin` to epoch `end`. Deterministic; on a CPU it uses one thread.

    `on_progress` is called after every epoch.
    """
    from .trainer import run as run_job

    return run_job(job, on_progress)
