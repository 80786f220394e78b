"""Cells to lines of a given width. Rich could do this, but to load it takes a command that only reads a tenth of its time."""

from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import NamedTuple

from .wrapping import cells, fold, units

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
    for row in ([column.heading for column in columns], *rows):
        folded = [fold(cell, least) for cell, least in zip(row, widths, strict=True)]
        for parts in zip_longest(*folded, fillvalue=""):
            yield GAP.join(_put(*part) for part in zip(parts, columns, widths, strict=True)).rstrip()


def _widths(columns: Sequence[Column], rows: Sequence[Sequence[str]], width: int) -> list[int] | None:
    """As wide as the cells are, text narrower where there is too little room; None where there is none at all."""
    longest = [max((cells(row[place]) for row in rows), default=0) for place in range(len(columns))]
    wanted = [max(cells(column.heading), size) for column, size in zip(columns, longest, strict=True)]
    widths = [
        max(size if column.number else min(size, NARROWEST_TEXT), _longest_unit(column, [row[place] for row in rows]))
        for place, (column, size) in enumerate(zip(columns, longest, strict=True))
    ]
    room = width - sum(widths) - len(GAP) * (len(columns) - 1)
    if room < 0:
        return None
    for place, want in enumerate(wanted):
        extra = min(room, want - widths[place])
        widths[place] += extra
        room -= extra
    return widths


def _longest_unit(column: Column, texts: Sequence[str]) -> int:
    # Words, paths and commands are not broken, so that a column is as wide at the least.
    return max((cells(unit) for text in (column.heading, *texts) for unit in units(text)), default=0)


def _put(text: str, column: Column, width: int) -> str:
    space = " " * (width - cells(text))
    return space + text if column.number else text + space


def _block(columns: Sequence[Column], row: Sequence[str], width: int) -> Iterator[str]:
    first = min(max(cells(column.heading) for column in columns), width // 2)
    second = max(1, width - first - len(GAP))
    for column, cell in zip(columns, row, strict=True):
        for heading, part in zip_longest(fold(column.heading, first), fold(cell, second), fillvalue=""):
            yield f"{heading}{' ' * (first - cells(heading))}{GAP}{part}".rstrip()
