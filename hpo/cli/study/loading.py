"""What the end of a run needs, loaded while workers train: more than a second that nobody waits for then."""

import importlib
from contextlib import suppress

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
"""Of the report, in parts of at most half a second."""

SECONDS_LEFT = 0.25
"""A worker that has as long to go hardly waits for its next job meanwhile."""


def loading(display: Display) -> Display:
    """A display that loads a library of the report after an epoch of a job that goes on, while there is nothing to do.

    Not in a thread: another import at the same time might meet half a library.
    """
    left = iter(LIBRARIES)

    def show(event: Event) -> None:
        display(event)
        if isinstance(event, JobProgress) and event.progress.seconds_left >= SECONDS_LEFT and (name := next(left, None)):
            with suppress(ImportError):  # The report says so, if it comes to that.
                importlib.import_module(name)

    return show
