"""What a worker does with its jobs: it trains them, but for checks of the network, which it makes."""

import time
from collections.abc import Callable

from .. import training
from ..training.importing import look_in
from ..training.job import Job, JobResult, Progress
from .jobs import CheckJob, FitnessJob


def run(job: Job, on_progress: Callable[[Progress], None]) -> JobResult:
    """See hpo.training.run. Of a CheckJob, the result's notes are what to warn of."""
    if not isinstance(job, CheckJob):
        return training.run(job, on_progress)
    from ..training.arithmetic import exact
    from ..training.randomness import kept
    from .fitness import faults
    from .quick import warnings

    began = time.perf_counter()
    look_in(job.folders)
    with exact("cpu"), kept():
        found = tuple(faults(job) if isinstance(job, FitnessJob) else warnings(job))
    return JobResult((), time.perf_counter() - began, 0, found)
