"""Training of many networks at once. Nothing in here takes long to load, as torch does, until a job is run."""

from collections.abc import Callable

from .job import Divergence, EpochMetrics, Job, JobResult, Lane, LaneResult, Progress

__all__ = [
    "Divergence",
    "EpochMetrics",
    "Job",
    "JobResult",
    "Lane",
    "LaneResult",
    "Progress",
    "run",
]


def run(job: Job, on_progress: Callable[[Progress], None]) -> JobResult:
    """Train a job's lanes from epoch `begin` to epoch `end`. Deterministic; on a CPU it uses one thread.

    `on_progress` is called after every epoch.
    """
    from .importing import look_in
    from .trainer import run as run_job

    look_in(job.folders)
    return run_job(job, on_progress)
