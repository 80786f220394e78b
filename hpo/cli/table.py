"""Tables for people, on stdout."""

import os
import shutil
import sys
from collections.abc import Sequence

from . import layout
from .layout import Column
from .output import LONGEST_LINE, clean_line, coloured, write
from .wrapping import fold

__all__ = ["Column", "print_table"]

BOLD, PLAIN = "\x1b[1m", "\x1b[0m"


def print_table(columns: Sequence[Column], rows: Sequence[Sequence[str]], title: str = "") -> None:
    """A table, one cell of text for each column of each row: as wide as the terminal, or as it needs be where there is none."""
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() or "COLUMNS" in os.environ else LONGEST_LINE
    cells = [[clean_line(cell) for cell in row] for row in rows]
    lines = list(layout.table([column._replace(heading=clean_line(column.heading)) for column in columns], cells, width))
    above = fold(clean_line(title), width) if title else []
    if coloured(sys.stdout):
        above = [f"{BOLD}{line}{PLAIN}" for line in above]
    write("\n".join([*above, *lines]))
