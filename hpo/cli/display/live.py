"""A run on a terminal: a few lines that change in place."""

from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic
from typing import TYPE_CHECKING

from ...runner.events import Event
from .notices import notice
from .tally import Tally
from .words import best, counts, lost, speed, waiting

if TYPE_CHECKING:
    from rich.console import RenderableType

A_SECOND = 4
"""Redraws per second."""


class Screen:
    """Takes the events of a run; draws its state when asked."""

    def __init__(self, tally: Tally, name: str, metric: str) -> None:
        self._tally = tally
        self._name = name
        self._metric = metric

    def __call__(self, event: Event) -> None:
        """Take an event."""
        self._tally.take(event, monotonic())
        notice(event)

    def draw(self) -> "RenderableType":
        """The state as lines: where the run is, how far, how fast, and its best trial."""
        from rich.console import Group
        from rich.progress_bar import ProgressBar
        from rich.table import Table
        from rich.text import Text

        tally = self._tally
        if tally.began is not None:
            tally.now = monotonic()
        bar = Table.grid()  # A progress bar alone does not end its line.
        bar.add_row(ProgressBar(total=max(1, tally.planned), completed=tally.told, width=40))
        held_up = lost(tally.lost) if tally.lost else waiting(tally.waiting) if tally.waiting else speed(tally)
        below = [counts(tally), best(tally.best, self._metric), held_up]
        return Group(Text(self._where(), style="bold"), bar, *(Text(line) for line in below if line))

    def _where(self) -> str:
        parts = [self._name, *([f"stage {self._tally.stage}"] if self._tally.stage else [])]
        if self._tally.rung is not None:
            parts.append("epochs {} to {}".format(*self._tally.rung))
        return ", ".join(parts)


@contextmanager
def live(tally: Tally, name: str, metric: str) -> Iterator[Screen]:
    """Show a run in place; the lines go when it ends."""
    from rich.console import Console
    from rich.live import Live

    screen = Screen(tally, name, metric)
    with Live(console=Console(stderr=True), get_renderable=screen.draw, refresh_per_second=A_SECOND, transient=True):
        yield screen
