"""Cells to lines of a given width. Rich could do this, but to load it takes a command that only reads a tenth of its time."""

from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import NamedTuple
from unicodedata import combining, east_asian_width

GAP = "  "
NARROWEST_TEXT = 16
"""Columns that a longer text must have; with fewer, each row becomes a block of lines."""


class Column(NamedTuple):
    """A column's heading and whether it holds numbers, which end below each other and are never broken across lines."""

    heading: str
    number: bool = False


def table(columns: Sequence[Column], rows: Sequence[Sequence[str]], width: int) -> Iterator[str]:
    """The lines of a table, the headings first; blocks of `heading  cell` where it does not fit into the width."""
    widths = _widths(columns, rows, width)
    if widths is None:
        for place, row in enumerate(rows):
            yield from ([""] if place else [])
            yield from _block(columns, row, width)
        return
    for cells in ([column.heading for column in columns], *rows):
        folded = [fold(cell, least) for cell, least in zip(cells, widths, strict=True)]
        for parts in zip_longest(*folded, fillvalue=""):
            yield GAP.join(_put(*part) for part in zip(parts, columns, widths, strict=True)).rstrip()


def _widths(columns: Sequence[Column], rows: Sequence[Sequence[str]], width: int) -> list[int] | None:
    """As wide as the cells are, text narrower where there is too little room; None where there is none at all."""
    longest = [max((cells(row[place]) for row in rows), default=0) for place in range(len(columns))]
    wanted = [max(cells(column.heading), size) for column, size in zip(columns, longest, strict=True)]
    widths = [
        max(size if column.number else min(size, NARROWEST_TEXT), *map(cells, column.heading.split()), 0)
        for column, size in zip(columns, longest, strict=True)
    ]
    room = width - sum(widths) - len(GAP) * (len(columns) - 1)
    if room < 0:
        return None
    for place, want in enumerate(wanted):
        extra = min(room, want - widths[place])
        widths[place] += extra
        room -= extra
    return widths


def _put(text: str, column: Column, width: int) -> str:
    space = " " * (width - cells(text))
    return space + text if column.number else text + space


def _block(columns: Sequence[Column], row: Sequence[str], width: int) -> Iterator[str]:
    first = min(max(cells(column.heading) for column in columns), width // 2)
    second = max(1, width - first - len(GAP))
    for column, cell in zip(columns, row, strict=True):
        for heading, part in zip_longest(fold(column.heading, first), fold(cell, second), fillvalue=""):
            yield f"{heading}{' ' * (first - cells(heading))}{GAP}{part}".rstrip()


def fold(text: str, width: int) -> list[str]:
    """The text in lines of at most so many cells, between words where that is possible; at least one line."""
    lines = [""]
    for word in text.split(" "):
        joined = f"{lines[-1]} {word}" if lines[-1] else word
        if cells(joined) <= width:
            lines[-1] = joined
            continue
        pieces = list(_pieces(word, width))
        lines[-1:] = [lines[-1], *pieces] if lines[-1] else pieces
    return lines


def _pieces(word: str, width: int) -> Iterator[str]:
    """A word in parts of at most so many cells, or of one letter where that is wider."""
    piece = ""
    for letter in word:
        if piece and cells(piece + letter) > width:
            yield piece
            piece = ""
        piece += letter
    yield piece


def cells(text: str) -> int:
    """Cells that a text takes on a terminal: two for a wide letter, none for an accent."""
    if text.isascii():
        return len(text)
    return sum(0 if combining(letter) else 2 if east_asian_width(letter) in "WF" else 1 for letter in text)
