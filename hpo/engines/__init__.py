"""Engines run jobs. They can take each other's place: the same jobs give the same results, bit for bit."""

import os
from typing import Literal, get_args

from ..errors import UsageError, unknown
from .base import Engine, JobFailure, OnProgress
from .work import TRAINING

Name = Literal["auto", "serial", "processes"]

__all__ = ["Engine", "JobFailure", "Name", "OnProgress", "make", "usable_cores"]


def make(name: str = "auto", workers: int | None = None, work: str = TRAINING) -> Engine:
    """The engine of a name, with so many workers (by default one for each core that this process may use).

    auto: worker processes where there is more than one, else this process. `work` is the import path of what is done with a
    job: by default, training. Raises UsageError for a name that is not known
    and for a number of workers that makes no sense.
    """
    from .processes import Processes
    from .serial import Serial

    if name not in get_args(Name):
        raise UsageError(unknown("engine", name, get_args(Name)))
    count = usable_cores() if workers is None else workers
    if not 1 <= count <= 1024:
        raise UsageError(f"workers must be between 1 and 1024, got {count}")
    if name == "serial" and workers not in (None, 1):
        raise UsageError(f"the serial engine has no workers, got {workers}: leave --workers out, or take --engine processes")
    if name == "serial" or (name == "auto" and count == 1):
        return Serial(work)
    return Processes(count, work)


def usable_cores() -> int:
    """Processors that this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
