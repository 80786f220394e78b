"""A worker process: jobs come in through one pipe, progress and results go out through it."""

import contextlib
import gc
import os
import queue
import sys
import threading
import traceback
from multiprocessing.connection import Connection
from typing import Any, NoReturn, TypeAlias

from ..errors import EngineError
from ..training.job import Job
from .serial import attempt
from .work import Work, find, wants_torch

Pipe: TypeAlias = "Connection[Any, Job]"
Jobs: TypeAlias = "queue.SimpleQueue[Job]"


def main(descriptor: int, path: str) -> NoReturn:
    """Serve the pipe at a file descriptor, by the work of an import path, until its other end is closed."""
    pipe, jobs = _listen(descriptor)
    _work(pipe, jobs, load(path))


def serve(descriptor: int, work: Work) -> NoReturn:
    """Do the jobs that come through the pipe at a file descriptor until its other end is closed."""
    _work(*_listen(descriptor), work)


def load(path: str) -> Work:
    """The work of an import path, with all that it needs. Ends this process, after a message, if it cannot."""
    gc.disable()
    try:
        work = find(path)
        if wants_torch(path):
            import torch  # noqa: F401  # Now, while the driver is busy with its own imports.
    except (ImportError, OSError, MemoryError) as error:  # As where there is too little memory for PyTorch's libraries.
        _give_up(f"it cannot load what it works with: {error}")
    gc.freeze()  # What was loaded stays: no collection need look through it, now or later.
    gc.enable()
    return work


def _listen(descriptor: int) -> tuple[Pipe, Jobs]:
    """The pipe at a file descriptor, and the jobs that come through it."""
    pipe: Pipe = Connection(descriptor)
    jobs: Jobs = queue.SimpleQueue()
    try:
        threading.Thread(target=_receive, args=(pipe, jobs), daemon=True).start()
    except (RuntimeError, MemoryError) as error:  # As where there is too little memory for a thread.
        _give_up(f"it cannot start: {error}")
    return pipe, jobs


def _work(pipe: Pipe, jobs: Jobs, work: Work) -> NoReturn:
    while True:
        try:
            outcome = attempt(work, jobs.get(), pipe.send)
        except EngineError as error:
            _give_up(str(error))
        with contextlib.suppress(OSError):  # The driver is gone, and the other thread is about to end this process.
            pipe.send(outcome)


def _give_up(reason: str) -> NoReturn:
    """End this process, without a traceback; the driver gives its job to another one."""
    print(f"worker: {reason}", file=sys.stderr, flush=True)
    os._exit(71)


def _receive(pipe: Pipe, jobs: Jobs) -> NoReturn:
    """Hand jobs on, and end the process as soon as the driver is gone, even from within a job."""
    try:
        while True:
            jobs.put(pipe.recv())
    except (EOFError, OSError):
        os._exit(0)
    except BaseException:
        traceback.print_exc()
        os._exit(70)
