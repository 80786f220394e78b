"""What fresh seeds say of each candidate: its mean, how much of that to believe, and the chance that it is the best."""

from typing import Literal, NamedTuple

import numpy as np

from ..analysis.table import Floats, Truths
from ..findings.estimate import by_student
from ..seeds import derive
from .race import race, ranks
from .record import Confirmation

DRAWS = 20_000

Out = Literal["worse", "diverged"]


class Standing(NamedTuple):
    """A candidate after the race. Values are in the metric's units."""

    trial: int
    rank: int
    """1 plus the number of candidates that were shown to be better; those of equal rank cannot be told apart."""
    seeds: int
    """Networks that were trained to their end."""
    mean: float | None
    """None when every network diverged."""
    low: float | None
    """95 % interval of the mean, for other seeds on the same split; None with fewer than two networks."""
    high: float | None
    shrunk: float | None
    """The mean, drawn to that of all candidates by the share of their scatter that is noise."""
    best: float
    """Probability that this is the best of the candidates; 0 for those that are out."""
    gap: float | None
    """How much better the search made it look than it is."""
    out: Out | None
    """Why it was trained no further."""


def standings(found: Confirmation, maximise: bool) -> list[Standing]:
    """Every candidate of a race that has ended, the best first."""
    scores = found.scores(maximise)
    raced = race(scores, found.seeds)
    places, shrunk = ranks(raced.beaten), shrink(scores)
    chances = chances_of_best(scores, raced.out, derive(found.seed, "P(best)"))
    rows = range(len(scores))
    all_ = [_standing(found, row, scores[row], places[row], shrunk[row], chances[row], raced.out[row], maximise) for row in rows]
    return sorted(all_, key=lambda one: (one.out is not None, -one.best, one.rank, one.trial))


def _standing(
    found: Confirmation, row: int, scores: Floats, rank: int, shrunk: float, best: float, out: bool, maximise: bool
) -> Standing:
    candidate, sign = found.candidates[row], 1.0 if maximise else -1.0
    diverged, known = bool(np.isneginf(scores).any()), scores[np.isfinite(scores)]
    reason: Out | None = "diverged" if diverged else "worse" if out else None
    rank = len(found.candidates) if diverged else rank
    if not len(known):
        return Standing(candidate.trial, rank, 0, None, None, None, None, float(best), None, reason)
    mean = float(known.mean())
    low, high = _interval(known, sign)
    gap = sign * candidate.searched - mean
    return Standing(candidate.trial, rank, len(known), sign * mean, low, high, sign * float(shrunk), float(best), gap, reason)


def _interval(known: Floats, sign: float) -> tuple[float | None, float | None]:
    if len(known) < 2:
        return None, None
    error = float(known.std(ddof=1)) / len(known) ** 0.5
    estimate = by_student(sign * float(known.mean()), error, len(known) - 1)
    return estimate.low, estimate.high


def noise_level(scores: Floats) -> float:
    """Standard deviation of a network's value when only its seed changes, pooled over the candidates."""
    groups = [row[np.isfinite(row)] for row in scores]
    free = sum(max(0, len(group) - 1) for group in groups)
    squares = sum(float(((group - group.mean()) ** 2).sum()) for group in groups if len(group))
    return (squares / free) ** 0.5 if free else float("nan")


def shrink(scores: Floats) -> Floats:
    """Empirical Bayes estimates of the candidates' true values (Morris, 1983), NaN for those without a value.

    Each mean has the variance noise^2 / n, and is drawn to the mean of all by the share of their scatter that this explains.
    """
    counts = np.isfinite(scores).sum(axis=1)
    shrunk, rows = np.full(len(scores), np.nan), counts > 0
    means = np.array([row[np.isfinite(row)].mean() for row in scores[rows]])
    middle, kept = _prior(means, noise_level(scores) ** 2 / counts[rows])
    shrunk[rows] = middle + kept * (means - middle)
    return shrunk


def _prior(means: Floats, variances: Floats) -> tuple[float, Floats]:
    """The mean mu of the true values, and for each mean the share of its distance to mu that is believed, A / (A + v).

    A, the variance of the true values, is the moment estimate of DerSimonian and Laird (1986, equation 8), never below 0; mu
    weights the means by 1 / (A + v). Everything is believed where there is no noise, or nothing to tell it by.
    """
    if not (variances > 0).all() or len(means) < 2:
        return float(means.mean()) if len(means) else 0.0, np.ones(len(means))
    weights = 1 / variances
    scatter = float((weights * (means - (weights * means).sum() / weights.sum()) ** 2).sum())
    a = max(0.0, (scatter - (len(means) - 1)) / float(weights.sum() - (weights**2).sum() / weights.sum()))
    middle = float((means / (a + variances)).sum() / (1 / (a + variances)).sum())
    return middle, a / (a + variances)


def chances_of_best(scores: Floats, out: Truths, seed: int) -> Floats:
    """For each candidate still in the race the probability that its true value is the highest.

    Posterior draws of the model behind `shrink`, with value = candidate + seed + noise: what all candidates have in common at
    a seed is taken out of the noise. Its variance has the prior 1 / variance (Gelman et al., Bayesian Data Analysis, 3.2).
    """
    chances, inside = np.zeros(len(scores)), np.flatnonzero(~out)
    if len(inside) < 2:
        chances[inside] = 1.0
        return chances
    part = scores[inside]
    means, seeds = part.mean(axis=1), part.shape[1]
    residuals = part - part.mean(axis=0) - means[:, None] + part.mean()
    squares, free = float((residuals**2).sum()), (len(inside) - 1) * (seeds - 1)
    middle, kept = _prior(means, np.full(len(inside), squares / free / seeds))
    generator = np.random.default_rng(seed)
    deviation = np.sqrt(kept * squares / generator.chisquare(free, (DRAWS, 1)) / seeds)
    drawn = middle + kept * (means - middle) + deviation * generator.standard_normal((DRAWS, len(inside)))
    ties = drawn == drawn.max(axis=1, keepdims=True)
    chances[inside] = (ties / ties.sum(axis=1, keepdims=True)).mean(axis=0)
    return chances
