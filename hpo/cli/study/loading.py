"""What the end of a run needs, loaded while networks train: a second that nobody waits for then."""

import importlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from ...runner.events import Display, Event, JobProgress

LIBRARIES = (
    "scipy.special",
    "scipy.stats",
    "sklearn.tree",
    "sklearn.ensemble",
    "sklearn.gaussian_process",
    "matplotlib.figure",
    "matplotlib.backends.backend_svg",
    "plotly.graph_objects",
    "optuna_dashboard",
)
"""Of the report, in parts: a run that is interrupted waits for the end of one of them."""


@contextmanager
def loading(display: Display) -> Iterator[Display]:
    """A display that begins to load the libraries of the report at the first epoch's end, when every worker has begun."""
    ended = threading.Event()
    thread = threading.Thread(target=_load, args=[ended], name="loading", daemon=True)

    def show(event: Event) -> None:
        display(event)
        if isinstance(event, JobProgress) and thread.ident is None:
            thread.start()

    try:
        yield show
    finally:
        ended.set()
        if thread.ident is not None:
            thread.join()


def _load(ended: threading.Event) -> None:
    for name in LIBRARIES:
        if not ended.is_set():
            with suppress(ImportError):  # The report says so, if it comes to that.
                importlib.import_module(name)
