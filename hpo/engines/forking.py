"""A process that loads what jobs need, once, and forks itself into workers: they begin at once, and share that memory.

Its driver asks through one connection: None and the file descriptor of a pipe, for a worker that serves the pipe; a worker's
number in order of their births, for its end and its exit status.
"""

import gc
import os
import signal
import sys
import traceback
from multiprocessing.connection import Connection
from multiprocessing.reduction import recv_handle
from typing import Any, NoReturn

from .work import Work
from .worker import GAVE_UP, load, serve


def main(descriptor: int, path: str) -> NoReturn:
    """Fork for the driver at the other end of a file descriptor until it is gone; the workers see for themselves that it is."""
    driver: Connection[Any, int | None] = Connection(descriptor)
    work = load(path)
    gc.freeze()  # No collection touches what workers share.
    workers: list[int | None] = []
    try:
        driver.send(None)
        while True:
            number = driver.recv()
            if number is None:
                workers.append(_fork(driver, recv_handle(driver), work))
            else:
                driver.send(_end(workers[number]))
    except (EOFError, OSError):
        os._exit(0)


def _fork(driver: "Connection[Any, int | None]", descriptor: int, work: Work) -> int | None:
    """A worker's process identifier; None, after a message, where the system has no room for one."""
    try:
        worker = os.fork()
    except OSError as error:
        print(f"worker: it cannot be started: {error.strerror}; try fewer with --workers", file=sys.stderr, flush=True)
        os.close(descriptor)
        return None
    if worker:
        os.close(descriptor)
        return worker
    try:
        driver.close()
        gc.enable()
        serve(descriptor, work)
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(70)


def _end(worker: int | None) -> int:
    """Its exit status, or the negative number of the signal that it died of; of one that never was, a worker's that gave up."""
    if worker is None:
        return GAVE_UP
    os.kill(worker, signal.SIGKILL)  # One that is dead is ours until we have waited for it: its identifier is nobody else's.
    return os.waitstatus_to_exitcode(os.waitpid(worker, 0)[1])
