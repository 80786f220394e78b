"""The display that suits where stderr goes."""

import os
import sys
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

from ..output import clean_line
from .lines import lines
from .live import live
from .tally import Best, Tally

if TYPE_CHECKING:
    from ...runner import StoredStudy
    from ...runner.events import Display


def showing(stored: "StoredStudy", images: int) -> "AbstractContextManager[Display]":
    """A display of a run of this study on so many training images: in place on a terminal, plain lines anywhere else."""
    from ...attributes import outcome_of, value_of
    from ...search import ranked
    from ...search.rungs import kept_share

    training = stored.spec.training
    epochs = training.total_epochs(images)
    kept = kept_share(stored.spec.search, epochs)
    tally = Tally(None if training.seconds is not None else epochs, stored.spec.search.replicates, kept)
    for trial in ranked(stored.trials(), stored.spec.search.direction)[:1]:
        value = value_of(trial)
        if outcome_of(trial) == "completed" and value is not None:
            tally.best = Best(trial.number, value, trial.params)
    if sys.stderr.isatty() and os.environ.get("TERM") != "dumb":
        return live(tally, clean_line(stored.name), stored.spec.search.metric)
    return lines(tally, stored.spec.search.metric)
