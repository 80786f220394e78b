"""Data to stdout, messages and progress to stderr."""

import errno
import json
import math
import os
import sys
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any, TextIO

from ..errors import HpoError
from .wrapping import width_of, wrapped

SCHEMA = 1
"""Version of what --json prints: raised when a key is taken away or changes its meaning. docs/cli.md describes it."""

LONGEST_LINE = 10_000
"""Columns of a line that need not fit a terminal."""


def clean(text: str) -> str:
    """The text with every control and other invisible character escaped, so that a name cannot steer the terminal."""
    return "".join(letter if letter.isprintable() or letter == "\n" else _escaped(letter) for letter in text)


def clean_line(text: str) -> str:
    """As `clean`, and on one line."""
    return clean(text).replace("\n", "\\n")


def _escaped(letter: str) -> str:
    return letter.encode("unicode_escape").decode("ascii")


def write(text: str) -> None:
    """Data to stdout, with a line's end. Raises HpoError when stdout cannot take it, as on a full disk."""
    try:
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()
    except OSError as error:
        if error.errno == errno.EPIPE:
            raise
        discard_output()
        raise HpoError(f"the output must be writable, got: {error.strerror}") from None


def starting() -> None:
    """Tell who looks at a terminal what takes the first seconds of a command that trains, and after an installation longer."""
    if sys.stderr.isatty():
        say("loading PyTorch and Optuna ...")


def tell(*lines: str) -> None:
    """Sentences to stdout, each on a line of its own; on a terminal they are broken between words."""
    for line in lines:
        write(wrapped(clean_line(line), width_of(sys.stdout)))


def discard_output() -> None:
    """Let what stdout still holds, and all that follows, go nowhere: flushing it at the end would fail once more."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def open_streams() -> None:
    """Put streams in the place of those that were closed before the start, as by `2>&-`; what is written to them fails.

    Their numbers are taken, so that no file of ours gets one of them and with it what libraries and workers print.
    """
    closed = [number for number in range(3) if not _is_open(number)]
    for _ in closed:
        os.open(os.devnull, os.O_RDWR)  # It gets the lowest number that is free.
    for number in set(closed) - {0}:
        stream = os.fdopen(os.open(os.devnull, os.O_RDONLY), "w")
        setattr(sys, ("stdin", "stdout", "stderr")[number], stream)


def _is_open(number: int) -> bool:
    try:
        os.fstat(number)
    except OSError:
        return False
    return True


def write_json(values: Mapping[str, Any]) -> None:
    """Data to stdout as JSON, with the version of its schema."""
    write(json.dumps({"schema": SCHEMA, **values}, indent=2, allow_nan=False))


def say(*lines: str) -> None:
    """Messages to stderr, if there are any."""
    if lines:
        complain(*lines, label="")


def complain(*lines: str, label: str = "error: ") -> None:
    """A message to stderr, marked as an error. One that stderr cannot take is lost; an error then goes to stdout, if that can."""
    text = wrapped(label + clean("\n".join(lines)), width_of(sys.stderr))
    marked = f"\x1b[1;31m{label}\x1b[0m{text.removeprefix(label)}" if label and coloured(sys.stderr) else text
    if not _printed(marked, sys.stderr) and label:
        _printed(text, sys.stdout)


def _printed(text: str, stream: TextIO) -> bool:
    """Whether a stream has taken a text. Raises BrokenPipeError where its reader has gone, as after `| head`."""
    try:
        print(text, file=stream, flush=True)
    except OSError as error:
        if error.errno == errno.EPIPE:
            raise
        _drain(stream)
        return False
    return True


def _drain(stream: TextIO) -> None:
    """Throw away what a stream could not take."""
    with suppress(OSError):
        kept, nowhere = os.dup(stream.fileno()), os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        stream.flush()
        os.dup2(kept, stream.fileno())
        os.close(kept)
        os.close(nowhere)


def coloured(stream: TextIO) -> bool:
    """Whether to print colours: to a terminal that knows them, unless NO_COLOR forbids it."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def finite(values: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """For JSON, which has no NaN and no infinity: those become null."""
    return {key: None if isinstance(value, float) and not math.isfinite(value) else value for key, value in values}
