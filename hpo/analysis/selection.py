"""How much of the best value is luck: the best of many noisy values is better than what it stands for."""

from typing import NamedTuple

import numpy as np

from .metrics import within
from .noise import Noise
from .posterior import Posterior, posterior
from .table import Floats, Table, Truths, Unanswered


class SelectionGap(NamedTuple):
    """What to expect when the best trial's setting is trained again, on new seeds."""

    best: float
    expected: float
    """The mean over new seeds, in the objective's units."""
    expected_low: float
    expected_high: float
    """95 % interval of that mean."""
    gap: float
    """How much better the best value looks than it is; negative where it is better than it looks."""
    low: float
    high: float
    """95 % interval of the gap."""
    noise: Noise
    """A single new seed lies about the mean by this much."""
    trials: int


def selection_gap(table: Table, level: Noise | Unanswered, objective: int = 0) -> SelectionGap | Unanswered:
    """The model of the study (hpo.analysis.posterior), asked for the best trial's setting.

    The model sees all trials, and so knows how many the best was chosen from: its neighbours speak against a lucky one (Efron,
    Tweedie's formula and selection bias, 2011). What a choice or a parameter is worth is in its mean, and not taken for luck.
    """
    found = posterior(table, objective)
    if isinstance(found, Unanswered):
        return found
    if isinstance(level, Unanswered):
        return level
    done = table.take(finished(table, found))
    row = int(np.argmax(done.score(objective)))
    values = within(done, objective, _at(found, done, row))
    best, sign = float(done.values[row, objective]), 1.0 if table.maximise[objective] else -1.0
    low, high = map(float, np.quantile(values, [0.025, 0.975]))
    gap_low, gap_high = sorted((sign * (best - low), sign * (best - high)))
    mean = float(values.mean())
    return SelectionGap(best, mean, low, high, sign * (best - mean), gap_low, gap_high, level, len(done))


def finished(table: Table, found: Posterior) -> Truths:
    """Completed trials of the search, of the stages that trained the longest."""
    seen = found.model.seen
    longest = np.unique(table.stages[seen.places[seen.trial[seen.final]]])
    return np.asarray(table.completed & (table.evidence == "") & np.isin(table.stages, longest))


def _at(found: Posterior, table: Table, row: int) -> Floats:
    return found.sample({name: table.columns[name].values[row : row + 1] for name in found.columns})[:, 0]
