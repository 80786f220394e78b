"""A process that loads what jobs need, once, and forks itself into workers: they begin at once, and share that memory.

It says None when all is loaded. Then its driver asks: 0 and the file descriptor of a pipe, for a worker that serves it, which is
answered by the worker's process identifier, or the negative error number; and the identifier of a worker, for its end, which is
answered by its exit status.
"""

import errno
import os
import signal
import traceback
from multiprocessing.connection import Connection
from multiprocessing.reduction import recv_handle
from typing import Any, NoReturn

from .work import Work
from .worker import load, serve


def main(descriptor: int, path: str) -> NoReturn:
    """Fork for the driver at the other end of a file descriptor until it is gone; the workers see for themselves that it is."""
    driver: Connection[Any, int] = Connection(descriptor)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # Whoever started us may ignore it, and a dead worker would leave no status.
    work = load(path)
    try:
        driver.send(None)
        while True:
            worker = driver.recv()
            driver.send(_end(worker) if worker else _fork(driver, recv_handle(driver), work))
    except (EOFError, OSError):
        os._exit(0)


def _fork(driver: "Connection[Any, int]", descriptor: int, work: Work) -> int:
    """A worker's process identifier; the negative error number where the system has no room for one."""
    try:
        worker = os.fork()
    except OSError as error:
        worker = -(error.errno or errno.EAGAIN)
    if worker:
        os.close(descriptor)
        return worker
    try:
        driver.close()
        serve(descriptor, work)
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(70)


def _end(worker: int) -> int:
    """Its exit status, or the negative number of the signal that it died of."""
    os.kill(worker, signal.SIGKILL)  # One that is dead is ours until we have waited for it: its identifier is nobody else's.
    return os.waitstatus_to_exitcode(os.waitpid(worker, 0)[1])
