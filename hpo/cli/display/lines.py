"""A run as plain lines, for logs and pipes: at its turns, and every few seconds between them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic

from ...runner.events import Event, RunStarted, StageDone, StageStarted, StorageBack, StorageLost, Waiting
from ..figures import counted
from ..output import say
from .notices import notice
from .tally import Tally
from .words import back, best, counts, lost, speed, waiting

EVERY = 10.0
"""Seconds between two lines."""


class Lines:
    """Takes the events of a run and prints a line now and then."""

    def __init__(self, tally: Tally, metric: str, clock: Callable[[], float] = monotonic) -> None:
        self._tally = tally
        self._metric = metric
        self._clock = clock
        self._printed = clock()

    def __call__(self, event: Event) -> None:
        """Take an event."""
        now = self._clock()
        self._tally.take(event, now)
        notice(event)
        match event:
            case RunStarted(resumed=resumed) if resumed:
                say(f"going on with {counted(resumed, 'open trial')}")
            case StageStarted():
                say(f"stage {event.stage}: {counted(event.trials, 'trial')}{_box(event)}", *event.notes)
            case StageDone():
                self._print(now)
            case Waiting():
                say(waiting(event))
            case StorageLost():
                say(lost(event))
            case StorageBack():
                say(back(event))
            case _ if now - self._printed >= EVERY:
                self._print(now)

    def _print(self, now: float) -> None:
        self._printed = now
        parts = (counts(self._tally), best(self._tally.best, self._metric), speed(self._tally))
        say("; ".join(part for part in parts if part))


def _box(event: StageStarted) -> str:
    ends = ", ".join(f"{name} from {low:.4g} to {high:.4g}" for name, (low, high) in event.box.items())
    return f", {ends}" if ends else ""


@contextmanager
def lines(tally: Tally, metric: str) -> Iterator[Lines]:
    """Show a run as lines."""
    yield Lines(tally, metric)
