"""Sentences to lines of a terminal's width: broken between words, never within one, nor within what is to be copied."""

import os
import re
from collections.abc import Iterator
from typing import TextIO
from unicodedata import combining, east_asian_width

_COMMAND = r"hpo (?:study|data|plot|check|storage|dashboard|doctor)\b"
_UNITS = re.compile(rf"`[^`\n]*`\S*|(?<!`)\b{_COMMAND}[^`;,()]*$|(?<!`)\b{_COMMAND}[^`;,()]*(?=[;,)])|'[^'\n]*'\S*|\S+")
"""A command, a quoted text such as a path, or a word, with the punctuation behind it."""
_HEAD = re.compile(r"[a-z]+ {2,}")
"""Of the lines that begin with what they are about: 'space     eta: 0.01 to 0.7'."""


def width_of(stream: TextIO) -> int | None:
    """Columns of the terminal that a stream leads to; None for a file or a pipe."""
    if not stream.isatty():
        return None
    named = os.environ.get("COLUMNS", "")
    try:
        return int(named) if named.isdecimal() and int(named) > 0 else os.get_terminal_size(stream.fileno()).columns or None
    except (OSError, ValueError):
        return None


def wrapped(text: str, width: int | None) -> str:
    """The text in lines of at most so many cells, as far as its words allow; as it is without a width."""
    if width is None:
        return text
    return "\n".join(line for each in text.split("\n") for line in _lines(each, width))


def _lines(line: str, width: int) -> Iterator[str]:
    head = _HEAD.match(line)
    start = head.group() if head else line[: len(line) - len(line.lstrip())]
    indent = len(start) + (2 if start and not head else 0)
    if 2 * indent > width:
        indent = 0
    first, *others = fold(line[len(start) :], width - len(start), width - indent)
    yield start + first
    yield from (" " * indent + other for other in others)


def units(text: str) -> list[str]:
    """What must not be broken: words, commands, and texts in quotes such as paths."""
    return _UNITS.findall(text)


def fold(text: str, width: int, then: int | None = None) -> list[str]:
    """The text in lines of at most so many cells, those after the first of `then`, longer where a unit is; at least one line."""
    if cells(text) <= width:
        return [text]
    lines = [""]
    for unit in units(text):
        joined = f"{lines[-1]} {unit}" if lines[-1] else unit
        if lines[-1] and cells(joined) > (width if then is None or len(lines) == 1 else then):
            lines.append(unit)
        else:
            lines[-1] = joined
    return lines


def cells(text: str) -> int:
    """Cells that a text takes on a terminal: two for a wide letter, none for an accent."""
    if text.isascii():
        return len(text)
    return sum(0 if combining(letter) else 2 if east_asian_width(letter) in "WF" else 1 for letter in text)
