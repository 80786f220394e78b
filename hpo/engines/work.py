"""What an engine does with a job: a function that is named by its import path, so that a worker can find it too."""

from collections.abc import Callable
from importlib import import_module

from ..training.job import Job, JobResult, Progress

Work = Callable[[Job, Callable[[Progress], None]], JobResult]

TRAINING = "hpo.training:run"


def find(path: str) -> Work:
    """The function at 'package.module:function'."""
    module, _, name = path.partition(":")
    work: Work = getattr(import_module(module), name)
    return work
