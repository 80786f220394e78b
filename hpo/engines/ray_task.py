"""What runs on a node of a Ray cluster: one job a task, which hands out progress and then the outcome."""

import os
import queue
import socket
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from importlib.metadata import PackageNotFoundError, version

from ..errors import EngineError
from ..training.job import Job, JobResult, Progress
from .base import JobFailure
from .ray_data import Shipment
from .serial import attempt
from .work import find


@dataclass(frozen=True, slots=True)
class Started:
    """The first word of a task."""

    node: str
    """Name of its machine."""
    versions: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Refused:
    """What the node's system has refused, which says nothing about the job."""

    node: str
    reason: str


Message = Started | Progress | JobResult | JobFailure | Refused


def versions() -> dict[str, str]:
    """Versions of what a job's numbers depend on."""
    return {name: _version(name) for name in ("hpo-lanes", "torch", "numpy")}


def _version(name: str) -> str:
    try:
        return version(name).partition("+")[0]  # The build for a GPU is the same release.
    except PackageNotFoundError:
        return "none"


def serve(path: str, job: Job, shipment: Shipment) -> Iterator[Message]:
    """Do the work of that import path on a job, whose data is in the shipment."""
    yield Started(socket.gethostname(), versions())
    messages: queue.SimpleQueue[Message | None] = queue.SimpleQueue()
    # In a thread of its own, because what it tells of its progress is to be handed out while it works.
    threading.Thread(target=_work, args=(path, job, shipment, messages), daemon=True).start()
    while isinstance(message := messages.get(), Progress):
        yield message
    if message is None:  # It asked for the end of the process, as sys.exit does.
        os._exit(70)
    yield message


def _work(path: str, job: Job, shipment: Shipment, messages: "queue.SimpleQueue[Message | None]") -> None:
    outcome: Message | None = None
    notes: list[str] = []
    try:
        outcome = attempt(find(path), replace(job, data=shipment.here(notes.append)), messages.put)
        if notes and isinstance(outcome, JobResult):
            outcome = replace(outcome, notes=(*outcome.notes, *notes))
    except OSError as error:
        outcome = Refused(socket.gethostname(), f"the images cannot be kept there: {error}")
    except EngineError as error:
        outcome = Refused(socket.gethostname(), str(error))
    finally:
        messages.put(outcome)


def warm_up() -> None:
    """Load what the first job would wait for."""
    import torch  # noqa: F401
