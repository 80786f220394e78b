"""What stays to be read after a run, whether its display stays or not."""

from ...runner.events import Event, Noted, Settled
from ..output import say
from .words import settled


def notice(event: Event) -> None:
    """Print an event that says how the jobs are computed; no other."""
    match event:
        case Settled():
            say(settled(event))
        case Noted():
            say(event.note)
