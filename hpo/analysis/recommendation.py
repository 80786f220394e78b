"""The setting to take: not the luckiest trial, but the one with the best expected value, as far as the trials tell.

Of the settings that were trained to the end, those of evidence among them: a place where no network has been is a guess, however
good the model thinks it. On planted studies that costs little (docs/answers.md); on a real surface a corner in which no network
had been was 14 points worse than the model expected.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from ..seeds import derive
from .danger import danger
from .metrics import within
from .posterior import Posterior, posterior
from .selection import finished
from .settings import Settings, chosen, drawn, nearby, of_trials, together
from .table import Floats, Integers, Table, Unanswered

DRAWN = 512
"""Settings of the whole space that are looked at, besides those of the trials."""
ROUNDS = (0.1, 0.03)
"""How far, in shares of a range, settings close to the best are looked at, one round after the other."""
KEPT, EACH = 16, 16
"""The best settings of a round, and how many are looked at close to each."""
CAREFUL = 0.5
"""Standard deviations that are taken off a mean: of settings that are expected to be equally good the best known one is taken. On
planted studies (docs/answers.md) that lessens what is lost to the true best setting, too."""
MOST_TRIED = 500
"""Trials that are looked at besides those that the model rests on, the best ones."""
RISK = 0.1
"""A setting at which a network diverges with a higher probability is not recommended where there are others."""
RIVALS = 100
"""Settings among which the best of each possible function is sought."""
FUNCTIONS = 16
"""Of each draw of the model."""


class Recommendation(NamedTuple):
    """The setting with the best expected value at the end of training, and what it is worth on a new seed."""

    trial: int
    """Number of a trial that has the setting: one that was trained to the end."""
    settings: Mapping[str, float]
    """By parameter that the model knows, in its own units; codes of choices. A parameter that the setting lacks is left out."""
    expected: float
    """Mean over new seeds, in the objective's units."""
    low: float
    high: float
    """95 % interval of that mean."""
    noise: float
    """Standard deviation of one network about it."""
    tolerance: float
    """What counts as no difference, in the objective's units: as asked for, or the noise."""
    better: float
    """No setting of the space is better than this one by more than that, with 95 %; in the objective's units."""
    danger: float
    """Probability that a network diverges there."""
    row: int
    """Of the table: the search's best-looking trial."""
    number: int
    """Its number."""
    best: float
    """What that trial reached."""
    best_expected: float
    """What its setting is worth on new seeds."""
    best_low: float
    best_high: float
    trials: int
    """Completed trials of the search that were used."""
    pruned: int
    """Trials that ended before, by what they would have come to."""
    evidence: int
    """Trials after the search that were used besides."""


def recommendation(table: Table, objective: int = 0, tolerance: float | None = None) -> Recommendation | Unanswered:
    """Read off the model of the study (hpo.analysis.posterior).

    `tolerance`: what counts as no difference, in the objective's units; None: as the study file has it, else the noise of a seed.
    """
    found, asked = _recommended(table, objective), table.tolerance if tolerance is None else tolerance
    return found if isinstance(found, Unanswered) or asked is None else found._replace(tolerance=asked)


@lru_cache(maxsize=16)
def _recommended(table: Table, objective: int) -> Recommendation | Unanswered:
    if len(table.metrics) > 1:
        return Unanswered("with two objectives no single setting is the best one")
    found = posterior(table, objective)
    if isinstance(found, Unanswered):
        return found
    generator = np.random.default_rng(derive(table.seed, "recommendation"))
    tried = _tried(found, table)
    settings = {name: table.columns[name].values[tried] for name in found.columns}
    sign, (worth, risks) = _sign(table), _judged(found, settings, _sign(table), danger(table, dict(found.columns))(settings))
    place, row = int(worth.argmax()), best_looking(table, found)
    own = {name: table.columns[name].values[row : row + 1] for name in found.columns}
    rivals = together(chosen(settings, [place]), own, likeliest(found, *searched(found, table, generator)[:2], generator))
    functions = sign * within(table, 0, found.sample(rivals, FUNCTIONS))
    low, high = _ends(sign * functions[:, 0])
    best_low, best_high = _ends(sign * functions[:, 1])
    noise, after = float(np.median(found.noise)), int((table.evidence[found.rows] != "").sum())
    return Recommendation(
        trial=int(table.numbers[tried[place]]),
        settings={name: float(values[place]) for name, values in settings.items() if np.isfinite(values[place])},
        expected=float(sign * functions[:, 0].mean()), low=low, high=high, noise=noise, tolerance=noise,
        better=float(np.quantile(functions.max(axis=1) - functions[:, 0], 0.95)), danger=float(risks[place]),
        row=row, number=int(table.numbers[row]),
        best=float(table.values[row, 0]), best_expected=float(sign * functions[:, 1].mean()), best_low=best_low,
        best_high=best_high, trials=found.completed - after, pruned=found.pruned, evidence=after,
    )  # fmt: skip


def _tried(found: Posterior, table: Table) -> Integers:
    """Rows that were trained to the end: those that the model rests on, and of a large study the best-looking of the others.

    Only those that keep the constraints of a study, where there are any.
    """
    seen = found.model.seen
    looks = np.where(finished(table, found), table.score(), -np.inf)
    best = np.argsort(-looks, kind="stable")[:MOST_TRIED]
    rows = np.unique(np.concatenate([seen.places[seen.trial[seen.final]], best[np.isfinite(looks[best])]]))
    keeping = rows[table.feasible[rows]]
    return keeping if len(keeping) else rows


def best_looking(table: Table, found: Posterior) -> int:
    """The row of the best completed trial of the search, of the stages that trained the longest."""
    return int(np.nanargmax(np.where(finished(table, found), table.score(), np.nan)))


def searched(found: Posterior, table: Table, generator: np.random.Generator) -> tuple[Settings, Floats, Floats]:
    """Settings all over the space and close to the best ones, what they are worth and their probabilities to diverge.

    Worth is the mean less `CAREFUL` standard deviations, higher is better; minus infinity where a network is likely to diverge
    and there are settings where it is not.
    """
    risk, sign = danger(table, dict(found.columns)), _sign(table)
    settings = together(drawn(found, DRAWN, generator), of_trials(found, table))
    worth, risks = _judged(found, settings, sign, risk(settings))
    for reach in ROUNDS:
        best = np.argsort(-worth, kind="stable")[:KEPT]
        closer = nearby(found, chosen(settings, np.repeat(best, EACH)), reach, generator)
        settings = together(chosen(settings, best), closer)
        worth, risks = _judged(found, settings, sign, risk(settings))
    return settings, worth, risks


def likeliest(found: Posterior, settings: Settings, worth: Floats, generator: np.random.Generator) -> Settings:
    """Settings among which the best is likely to be: the best of those that were searched, and some of the whole space."""
    best = chosen(settings, np.argsort(-worth, kind="stable")[: RIVALS // 2])
    return together(best, drawn(found, RIVALS - RIVALS // 2, generator))


def _judged(found: Posterior, settings: Settings, sign: float, risks: Floats) -> tuple[Floats, Floats]:
    means, deviations = found.moments(settings)
    allowed = risks <= max(RISK, float(risks.min()))
    return np.where(allowed, sign * means - CAREFUL * deviations, -np.inf), risks


def _ends(values: Floats) -> tuple[float, float]:
    low, high = np.quantile(values, [0.025, 0.975])
    return float(low), float(high)


def _sign(table: Table) -> float:
    return 1.0 if table.maximise[0] else -1.0
