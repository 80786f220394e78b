"""Ctrl-C, SIGTERM and SIGHUP: the first unwinds, so that workers end and files close; the second ends the process at once."""

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_SHOW_CURSOR = b"\x1b[?25h"
_AGAIN = 0.02
"""Seconds after which a signal comes once more whose exception Python has dropped."""


class Stopped(BaseException):
    """The user or the system asked this process to end. Its notes are the message to the user."""

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.number, self.exit_code = number, 128 + number


@contextmanager
def caught() -> Iterator[None]:
    """Raise Stopped on the first signal within the block. Signals that were ignored from the start (nohup) stay ignored."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in _SIGNALS}
    for number, handler in before.items():
        if handler is not signal.SIG_IGN:
            signal.signal(number, _unwind)
    hook, sys.unraisablehook = sys.unraisablehook, partial(_not_dropped, sys.unraisablehook)
    try:
        yield
    finally:
        sys.unraisablehook = hook
        for number, handler in before.items():
            signal.signal(number, handler)


def _unwind(number: int, frame: FrameType | None) -> None:
    for each in _SIGNALS:
        signal.signal(each, _end)
    raise Stopped(number)


def _not_dropped(otherwise: Callable[["sys.UnraisableHookArgs"], object], dropped: "sys.UnraisableHookArgs") -> None:
    """Python drops what is raised in a destructor or in a weak reference's callback, wherever the signal finds it."""
    if not isinstance(dropped.exc_value, Stopped):
        otherwise(dropped)
        return
    for each in _SIGNALS:
        if signal.getsignal(each) is _end:
            signal.signal(each, _unwind)
    again = threading.Timer(_AGAIN, os.kill, (os.getpid(), dropped.exc_value.number))
    again.daemon = True
    again.start()


def _end(number: int, frame: FrameType | None) -> None:
    if sys.stderr.isatty():
        os.write(sys.stderr.fileno(), _SHOW_CURSOR)
    os._exit(128 + number)
