"""Original files from the network, by torchvision's own classes, with an end to waiting."""

import socket
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPException
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.error import HTTPError, URLError

from .collection import Say
from .text import shown
from .torchvision import datasets

PATIENCE = 5.0
"""Seconds until a host must have answered, all hosts together, and again for a transfer that stands still; torchvision itself
sets no limit."""


class NotDownloaded(Exception):
    """The files could not be had from the network."""

    def __init__(self, reasons: list[str]) -> None:
        super().__init__("; ".join(reasons))
        self.reasons = reasons


def download(name: str, root: Path, say: Say) -> None:
    """Let torchvision's class of that name put its checked files below a folder.

    Raises NotDownloaded when no host answers in time, a transfer stops, a checksum is wrong, or the folder cannot be written.
    """
    known = getattr(datasets(), name)
    dataset = known.__new__(known)  # without its constructor, which reads the files as well: CIFAR10's by unpickling them
    dataset.root = str(root)
    _leave_out_silent_hosts(dataset)
    say(f"downloading {name} into {shown(root)}")
    try:
        with _socket_timeout(PATIENCE):
            dataset.download()
    except (OSError, HTTPException, RuntimeError, EOFError) as error:
        raise NotDownloaded([f"download into {shown(root)}: {_reason(error)}"]) from error


def _leave_out_silent_hosts(dataset: Any) -> None:
    """Keep the mirrors that answer. CIFAR10 has one address and no mirrors."""
    mirrors = {f"{mirror}{dataset.resources[0][0]}": mirror for mirror in getattr(dataset, "mirrors", ())}
    silent = unanswered(list(mirrors) or [dataset.url])
    dataset.mirrors = [mirror for address, mirror in mirrors.items() if address not in silent]
    if not dataset.mirrors and silent:
        raise NotDownloaded([f"{address}: {reason}" for address, reason in silent.items()])


def unanswered(addresses: list[str]) -> dict[str, str]:
    """The addresses that do not answer in time, with the reason, in their order.

    Each is asked in a thread of its own: nothing else puts a limit on the look-up of a host's name.
    """
    reasons = dict.fromkeys(addresses, f"no answer within {PATIENCE:g} s")
    threads = [Thread(target=_ask, args=(address, reasons), daemon=True) for address in addresses]
    for thread in threads:
        thread.start()
    end = time.monotonic() + PATIENCE
    for thread in threads:
        thread.join(max(0.0, end - time.monotonic()))
    return dict(reasons)


def _ask(address: str, reasons: dict[str, str]) -> None:
    try:
        with urllib.request.urlopen(urllib.request.Request(address, method="HEAD"), timeout=PATIENCE):
            reasons.pop(address)
    except HTTPError as error:  # an answer, if not to this request; the download says more
        error.close()
        reasons.pop(address)
    except (OSError, HTTPException, ValueError) as error:
        reasons[address] = _reason(error)


def _reason(error: BaseException) -> str:
    cause = error.reason if isinstance(error, URLError) and isinstance(error.reason, OSError) else error
    return shown(" ".join(str(getattr(cause, "strerror", None) or cause).split()))


@contextmanager
def _socket_timeout(seconds: float) -> Iterator[None]:
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(seconds)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)
