"""How trials compare with a guess that does not look at the images: above all, with always saying the commonest class."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from .metrics import available, replicates
from .table import Floats, Table, Unanswered

ACCURACY, BALANCED = "validation_accuracy", "validation_balanced_accuracy"


class Baseline(NamedTuple):
    """A guess and the completed trials, by the accuracy after training, or by the balanced one where the study goes by that."""

    metric: str
    commonest: str
    """Class."""
    share: float
    """Of the validation images that are of it: the accuracy of always saying so."""
    level: float
    """What a guess gets right of the metric: the share, or 1 / classes of balanced accuracy."""
    bound: float
    """What answers that ignore the image reach at the most, three standard errors included."""
    unbalanced: bool
    values: Floats
    """(trials,) mean of the metric over a trial's networks; NaN for one that has not completed."""
    balanced: Floats
    """(trials,) balanced accuracy; NaN where it was not taken."""

    @property
    def trials(self) -> int:
        """Completed trials."""
        return int(np.isfinite(self.values).sum())

    @property
    def better(self) -> int:
        """Those of them that are better than a guess."""
        return int((self.values > self.bound).sum())

    @property
    def matters(self) -> bool:
        """Whether a reader has to know: where the classes are unbalanced, or no trial is better than a guess."""
        return self.trials > 0 and (self.unbalanced or not self.better)


def baseline(table: Table, data: Mapping[str, Any]) -> Baseline | Unanswered:
    """The trials of a study against a guess; `data` is what is stored of its images."""
    guess = data.get("guess")
    if guess is None:
        return Unanswered("how many validation images are of which class was not stored with the study")
    metric = BALANCED if table.metric == BALANCED else ACCURACY
    balanced = _completed(table, BALANCED)
    return Baseline(
        metric=metric,
        commonest=str(guess["commonest"]),
        share=float(guess["share"]),
        level=1 / guess["classes"] if metric == BALANCED else float(guess["share"]),
        bound=float(guess["balanced_accuracy" if metric == BALANCED else "accuracy"]),
        unbalanced=bool(guess["unbalanced"]),
        values=_completed(table, ACCURACY) if metric == ACCURACY else balanced,
        balanced=balanced,
    )


def _completed(table: Table, metric: str) -> Floats:
    if metric == table.metric:
        return np.where(table.completed, table.values[:, 0], np.nan)
    values: Floats = np.full(len(table), np.nan)
    if metric in available(table) and table.completed.any():
        values[table.completed] = replicates(table.take(table.completed), metric).mean(axis=1)
    return values
