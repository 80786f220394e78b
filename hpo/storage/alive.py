"""Which process this is, and whether another one still lives: told by number and start, as numbers are given again."""

import os
import socket
from functools import cache
from pathlib import Path
from uuid import getnode

import psutil

_BOOT = Path("/proc/sys/kernel/random/boot_id")
_NUMBERS = Path("/proc/self/ns/pid")


@cache
def place() -> str:
    """Where process numbers mean what they mean here: this machine since it was started, and this container."""
    if not _BOOT.is_file():
        return f"{socket.gethostname()} {getnode():x}"
    numbers = os.readlink(_NUMBERS) if _NUMBERS.is_symlink() else ""
    return f"{socket.gethostname()} {_BOOT.read_text().strip()} {numbers}".strip()


def start_of(process: int) -> str | None:
    """When a process of this place was started, in words that only compare; None when it has ended."""
    try:
        described = Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return _start_elsewhere(process)
    # proc(5): the name is in brackets and may hold brackets; behind it, 0 is the state and 19 the start in ticks since the boot.
    fields = described.rpartition(")")[2].split()
    return None if fields[0] in "ZX" else fields[19]


def _start_elsewhere(process: int) -> str | None:
    """On other systems, and on a Linux that hides the processes of other users."""
    try:
        found = psutil.Process(process)
        return None if found.status() == psutil.STATUS_ZOMBIE else f"{found.create_time():.0f}"
    except psutil.NoSuchProcess:
        return None
    except psutil.AccessDenied:
        return ""


def alive(process: int, start: str) -> bool:
    """Whether the process of this place with that number and that start still runs; one that waits to be buried does not."""
    found = start_of(process)
    return found is not None and found in ("", start)
