"""`main`: the one place where an exception becomes a message and an exit code."""

import errno
import gc
import os
import sys
import traceback
from collections.abc import Callable, Sequence
from typing import TextIO

import typer
import typer.exceptions

from ..errors import HpoError
from . import signals
from .damage import explained_damage
from .output import complain, discard_output, open_streams
from .usage import explained

BROKEN_PIPE = 141
"""As of a program that SIGPIPE ends."""

COLLECTED_AFTER = 100_000
"""New objects between two collections of garbage. With Python's 700 they take a sixth of the time of a report."""

_ROOM = "make room and give the same command again"
WAYS_OUT = {
    errno.EMFILE: "raise the limit of open files (ulimit -n) and give the same command again",
    errno.ENFILE: "close other programs and give the same command again",
    errno.ENOSPC: _ROOM,
    errno.EDQUOT: _ROOM,
    errno.EFBIG: "raise the limit of a file's size (ulimit -f) and give the same command again",
    errno.ENOMEM: "close other programs, or take fewer --workers",
    errno.EAGAIN: "close other programs, or take fewer --workers",
    errno.EIO: "look after the disk, and give the same command again",
    errno.EROFS: "make the file system writable, or work in another folder",
}
"""What the system may refuse at any line of any command, which is neither a mistake of the user's nor a bug."""


def main(argv: Sequence[str] | None = None) -> int:
    """Carry out a command line, without the program's name, and give its exit code; a bug keeps its traceback."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    options = arguments[: arguments.index("--")] if "--" in arguments else arguments
    if argv is None:
        open_streams()
    debug = "--debug" in options
    if debug:
        arguments.remove("--debug")
    _survive_any_text(sys.stdout, sys.stderr)
    if argv is None:  # The process is ours: what it loads stays, and need not be looked through after every 700 new objects.
        gc.set_threshold(COLLECTED_AFTER)
        os.environ.setdefault("OPENBLAS_THREAD_TIMEOUT", "4")  # NumPy's threads would take 0.1 s to begin to wait for work.
    with signals.caught():
        code = _quietly(lambda: _outcome(arguments, debug))
    if argv is None:
        gc.freeze()  # Nor need its memory be looked through at its end.
    return code


def _outcome(arguments: list[str], debug: bool) -> int:
    try:
        return _unmasked(arguments)
    except HpoError as error:
        return _failed(str(error), error.exit_code, debug)
    except typer.exceptions.TyperException as error:
        return _failed(explained(error), error.exit_code, debug)
    except typer.Abort:
        return _failed("stopped by the user: nothing was done", 1, debug)
    except signals.Stopped as stop:
        complain(*getattr(stop, "__notes__", ["Stopped."]), label="")
        return stop.exit_code
    except MemoryError:
        return _failed(f"hpo needs more memory than there is: {WAYS_OUT[errno.ENOMEM]}", 1, debug)
    except OSError as error:
        if error.errno not in WAYS_OUT or _stopped(error):
            raise
        what = f"'{error.filename}': {error.strerror}" if error.filename else error.strerror
        return _failed(f"the system refused what hpo needs, {what}: {WAYS_OUT[error.errno]}", 1, debug)


def _unmasked(arguments: list[str]) -> int:
    try:
        return _dispatch(arguments)
    except RuntimeError as error:  # As Python 3.11 makes of whatever is raised while a class is being made, in an import.
        stop = _stopped(error)
        if stop is None:
            raise
        raise stop from None


def _dispatch(arguments: list[str]) -> int:
    """Not by calling the application: that makes an exit code of its own out of signals and closed pipes."""
    from .app import app

    command = typer.main.get_command(app)
    try:
        context = command.make_context("hpo", arguments)
        with context, explained_damage(context.meta):
            command.invoke(context)
    except typer.Exit as exit:
        return exit.exit_code
    finally:
        sys.stdout.flush()
    return 0


def _failed(message: str, exit_code: int, debug: bool) -> int:
    if debug:
        traceback.print_exc()
    if message:
        complain(message)
    return exit_code


def _quietly(answer: Callable[[], int]) -> int:
    """The answer; quiet when the reader of stdout has gone, as after `| head`, or the terminal."""
    try:
        return answer()
    except BrokenPipeError:
        discard_output()
        return BROKEN_PIPE
    except OSError as error:
        stop = _stopped(error)
        if stop is None:
            raise
        discard_output()
        return stop.exit_code


def _stopped(error: BaseException) -> signals.Stopped | None:
    """The signal that an error came after: a terminal that has closed sends one, and takes no more messages."""
    below = error.__context__
    return below if below is None or isinstance(below, signals.Stopped) else _stopped(below)


def _survive_any_text(*streams: TextIO) -> None:
    """Let a stream escape the letters that its encoding lacks instead of failing on them."""
    for stream in streams:
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
