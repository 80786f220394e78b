"""Engines run jobs. They can take each other's place: the same jobs give the same results, bit for bit."""

import os
from typing import Literal, get_args

from ..errors import UsageError, unknown
from .base import Engine, JobFailure, OnProgress
from .work import CHECKING, TRAINING

Name = Literal["auto", "serial", "processes", "ray"]

__all__ = ["CHECKING", "Engine", "JobFailure", "Name", "OnProgress", "make", "usable_cores"]


def make(
    name: str = "auto",
    workers: int | None = None,
    work: str = TRAINING,
    *,
    address: str | None = None,
    gpu_share: float | None = None,
) -> Engine:
    """The engine of a name, with so many workers (by default one for each core that this process may use).

    auto: worker processes where there is more than one, else this process. `work` is the import path of what is done with a
    job: by default, training. Of ray alone: `address`, auto or HOST:PORT of a cluster, which has its own workers; `gpu_share`,
    of a GPU for each job that trains on one. Raises UsageError for a name that is not known and for options that make no sense.
    """
    from .processes import Processes
    from .serial import Serial

    if name not in get_args(Name):
        raise UsageError(unknown("engine", name, get_args(Name)))
    _check_options(name, workers, address, gpu_share)
    count = usable_cores() if workers is None else workers
    if name == "ray":
        from .ray_cluster import RayCluster

        return RayCluster(count, address, work, 1.0 if gpu_share is None else gpu_share)
    if name == "serial" or (name == "auto" and count == 1):
        return Serial(work)
    return Processes(count, work)


def _check_options(name: str, workers: int | None, address: str | None, gpu_share: float | None) -> None:
    if workers is not None and not 1 <= workers <= 1024:
        raise UsageError(f"workers must be between 1 and 1024, got {workers}")
    if name == "serial" and workers not in (None, 1):
        raise UsageError(f"the serial engine has no workers, got {workers}: leave --workers out, or take --engine processes")
    if name != "ray" and (address, gpu_share) != (None, None):
        raise UsageError(f"--address and --gpu-share are for --engine ray, got --engine {name}")
    if address is not None and workers is not None:
        raise UsageError(f"the cluster at an --address has its own workers, got --workers {workers}: leave it out")
    if gpu_share is not None and not (0 < gpu_share <= 1 or gpu_share in range(2, 65)):
        raise UsageError(f"the share of a GPU is above 0 and at most 1, or a whole number of GPUs, got {gpu_share:g}")


def usable_cores() -> int:
    """Processors that this process may run on."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
