"""What the end of a run needs, loaded while workers train: more than a second that nobody waits for then."""

import importlib
from contextlib import suppress

from ...runner.events import Display, Event, JobProgress

LIBRARIES = (
    "scipy.special",
    "scipy.optimize",
    "scipy.stats",
    "sklearn.utils.validation",
    "sklearn.tree",
    "sklearn.ensemble",
    "sklearn.gaussian_process",
    "matplotlib.colors",
    "matplotlib.axes",
    "matplotlib.figure",
    "matplotlib.backends.backend_svg",
    "jinja2",
    "plotly.basedatatypes",
    "optuna_dashboard",
)
"""Of the report, each with what those before it have not loaded: at most 0.15 seconds of processor time."""

SECONDS_LEFT = 0.4
"""A worker that has as long to go hardly waits for its next job, even where a word of the others has just brought a library."""


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
