"""What fresh seeds say of each candidate: its mean, how much of that to believe, and the chance that it is the best."""

from typing import Literal, NamedTuple

import numpy as np

from ..analysis.metrics import possible
from ..analysis.table import Floats
from ..findings.estimate import by_student
from ..seeds import derive
from .elimination import race
from .record import Confirmation

DRAWS = 20_000
SURE = 0.975
"""Probability from which on one candidate is said to be better than another."""
SCATTER = np.geomspace(1e-3, 1e3, 80)
"""How far true values may lie apart, in standard deviations of the noise."""

Out = Literal["worse", "diverged"]


class Standing(NamedTuple):
    """A candidate after the race. Values are in the metric's units."""

    trial: int
    rank: int
    """1 plus the number of candidates that are better with a probability of 97.5 % or were shown to be so in the race."""
    seeds: int
    """Networks that were trained to their end."""
    mean: float | None
    """None when every network diverged."""
    expected: float | None
    """What to expect of other seeds on the same split: the mean, drawn to that of all candidates by the share of their scatter
    that is noise. The best of several means is partly lucky, too."""
    low: float | None
    """95 % interval about it, as wide as that of the mean; None with fewer than two networks."""
    high: float | None
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
    inside = np.flatnonzero(~raced.out)
    better, chances = raced.beaten.copy(), np.zeros(len(scores))
    expected = np.array([_mean(row) for row in scores])
    if len(inside):
        truths = drawn(scores[inside], derive(found.seed, "true values"))
        better[np.ix_(inside, inside)] |= (truths[:, None, :] > truths[:, :, None]).mean(axis=0) >= SURE
        chances[inside], expected[inside] = _chances(truths), truths.mean(axis=0)
    rows = range(len(scores))
    all_ = [
        _standing(found, row, scores[row], 1 + int(better[row].sum()), expected[row], chances[row], raced.out[row], maximise)
        for row in rows
    ]
    return sorted(all_, key=lambda one: (one.out is not None, one.rank, -one.best, one.trial))


def _mean(row: Floats) -> float:
    known = row[np.isfinite(row)]
    return float(known.mean()) if len(known) else float("nan")


def _standing(
    found: Confirmation, row: int, scores: Floats, rank: int, expected: float, best: float, out: bool, maximise: bool
) -> Standing:
    candidate, sign = found.candidates[row], 1.0 if maximise else -1.0
    diverged, known = bool(np.isneginf(scores).any()), scores[np.isfinite(scores)]
    reason: Out | None = "diverged" if diverged else "worse" if out else None
    rank = len(found.candidates) if diverged else rank
    if not len(known):
        return Standing(candidate.trial, rank, 0, None, None, None, None, float(best), None, reason)
    mean = float(known.mean())
    low, high = _interval(sign * float(expected), known)
    gap = sign * candidate.searched - mean
    return Standing(candidate.trial, rank, len(known), sign * mean, sign * float(expected), low, high, float(best), gap, reason)


def _interval(expected: float, known: Floats) -> tuple[float | None, float | None]:
    if len(known) < 2:
        return None, None
    error = float(known.std(ddof=1)) / len(known) ** 0.5
    estimate = by_student(expected, error, len(known) - 1)
    return estimate.low, estimate.high


def ends(one: Standing, metric: str) -> tuple[float, float] | None:
    """Both ends of a candidate's interval, no further than the metric can be; None with a single network."""
    if one.low is None or one.high is None:
        return None
    low, high = possible(metric, np.array([one.low, one.high]))
    return float(low), float(high)


def noise_level(scores: Floats) -> float:
    """Standard deviation of a network's value when only its seed changes, pooled over the candidates."""
    groups = [row[np.isfinite(row)] for row in scores]
    free = sum(max(0, len(group) - 1) for group in groups)
    squares = sum(float(((group - group.mean()) ** 2).sum()) for group in groups if len(group))
    return (squares / free) ** 0.5 if free else float("nan")


def drawn(scores: Floats, seed: int) -> Floats:
    """Posterior draws of the candidates' true values, (draws, candidates), from scores (candidates, seeds) without gaps.

    value = candidate + seed + noise: what all candidates have in common at a seed is taken out of the noise, whose variance has
    the prior 1 / variance; candidates are normal about a common mean, and the standard deviation of that, in units of the noise,
    has a half-Cauchy prior (Gelman, 2006). So equal candidates are drawn together, and far ones hardly at all.
    """
    count, seeds = scores.shape
    means = scores.mean(axis=1)
    squares = _residual_squares(scores)
    if count < 2 or seeds < 2 or squares <= 0:
        return np.broadcast_to(means, (DRAWS, count))
    generator = np.random.default_rng(seed)
    ratio, noise = _variances(means, seeds, squares, generator)
    middle = means.mean() + np.sqrt((ratio + 1 / seeds) * noise / count) * generator.standard_normal(DRAWS)
    kept = ratio / (ratio + 1 / seeds)
    deviation = np.sqrt(kept * noise / seeds)
    drawn_to = middle[:, None] + kept[:, None] * (means - middle[:, None])
    return np.asarray(drawn_to + deviation[:, None] * generator.standard_normal((DRAWS, count)))


def _residual_squares(scores: Floats) -> float:
    residuals = scores - scores.mean(axis=0) - scores.mean(axis=1)[:, None] + scores.mean()
    squares = float((residuals**2).sum())
    return squares if squares > 1e-24 * float((scores**2).sum()) else 0.0


def _variances(means: Floats, seeds: int, squares: float, generator: np.random.Generator) -> tuple[Floats, Floats]:
    """Draws of two variances: of the true values, in units of the noise, and of the noise of one network.

    With the ratio r given, the noise's variance is inverse chi-square; it is integrated out of r's density, which is drawn from
    on a grid.
    """
    count, apart = len(means), float(((means - means.mean()) ** 2).sum())
    free = (count - 1) * (seeds - 1) + count - 1
    spread = SCATTER**2 + 1 / seeds
    left = squares + apart / spread
    logs = np.log(np.gradient(SCATTER) / (1 + SCATTER**2)) - (count - 1) / 2 * np.log(spread) - free / 2 * np.log(left)
    weights = np.exp(logs - logs.max())
    places = generator.choice(len(SCATTER), DRAWS, p=weights / weights.sum())
    return SCATTER[places] ** 2, left[places] / generator.chisquare(free, DRAWS)


def _chances(truths: Floats) -> Floats:
    """For each candidate the share of the draws in which it is the best; those that are equal share it."""
    ties = truths == truths.max(axis=1, keepdims=True)
    return np.asarray((ties / ties.sum(axis=1, keepdims=True)).mean(axis=0))
