"""What a model of a study supposes, and how likely the values are under it."""

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from .coordinates import Coordinate
from .matern import correlation
from .observations import Observations
from .table import Floats, Integers

LOOSE = 25.0
"""Prior variance of the mean of each level: as good as unknown, since values are measured in units of their own spread."""
SHIFT = 4.0
"""Variance of what the split of a confirmation adds to all its values alike, in units of that of one network.

On 60 planted studies (20 trials, 5 candidates, 8 seeds) whose split added three times the noise the interval of the best trial's
setting held the truth in 97 %, with a variance of 1 in 87 %; where the split added nothing both lost as little."""
NUGGET = 1e-6
BATCH = 200_000
"""Numbers in a row of work: they stay in the cache."""


class Prior(NamedTuple):
    """A normal prior of a quantity's logarithm, or of its area hyperbolic tangent where it is a correlation."""

    middle: float
    deviation: float


LENGTH = Prior(np.log(0.5), 1.0)
"""In shares of a range; times the root of the number of coordinates, as Hvarfner, Hellsten and Nardi (2024) advise."""
RELIEF = Prior(np.log(2.5), 1.1)
"""How far settings lie apart at the first level, in units of the values' spread."""
LATER_RELIEF = Prior(np.log(1.2), 1.0)
"""At a later level, as a multiple of the first one's."""
NOISE = Prior(np.log(0.45), 0.9)
"""How far the networks of one setting lie apart at the first level."""
LATER_NOISE = Prior(0.0, 0.8)
KEPT_RELIEF = Prior(1.6, 0.8)
"""Correlation of what settings are worth at one level and at the next."""
KEPT_NOISE = Prior(0.8, 0.8)
"""Correlation of the luck of one and the same trial at one level and at the next."""


class Settings(NamedTuple):
    """Draws of what the model leaves open; the first axis runs over draws."""

    lengths: Floats
    """(draws, coordinates)"""
    relief: Floats
    """(draws, levels, levels) covariance of what a setting is worth, between levels."""
    noise: Floats
    """(draws, levels, levels) covariance of the luck of one network."""


@dataclass(frozen=True, eq=False)
class Model:
    """Values are a mean for each level, a smooth function of the setting at each level, and the luck of a network.

    A confirmation has networks of its own, and divides the images anew: its values have one more unknown in common.

    Functions of one level and the next are correlated, and so is luck: what pruned trials would have come to is then part of the
    answer. That they were pruned by the very values that the model sees makes the pruning ignorable (Rubin, Inference and missing
    data, 1976). Kennedy and O'Hagan (2000) model codes of several fidelities so.
    """

    coordinates: tuple[Coordinate, ...]
    """With the values of the trials that are used."""
    seen: Observations
    centres: Floats
    """(levels,) that are taken off the values, in the objective's units."""
    scale: float
    """Spread of the values of the first level, in the objective's units."""

    @cached_property
    def points(self) -> list[Floats]:
        """By coordinate, for each value."""
        return [coordinate.values[self.seen.trial] for coordinate in self.coordinates]

    @cached_property
    def pairs(self) -> tuple[Integers, Integers]:
        """Every value with itself and with those before it: a factorisation reads no more of a covariance."""
        return np.tril_indices(len(self.scores))

    @cached_property
    def distances(self) -> Floats:
        """How far apart the two values of a pair are: (coordinates, pairs)."""
        whole = [one.distances(at, at) for one, at in zip(self.coordinates, self.points, strict=True)]
        return np.array([each[self.pairs] for each in whole])

    @cached_property
    def scores(self) -> Floats:
        """Values less the centre of their level, in units of the scale."""
        return np.asarray((self.seen.values - self.centres[self.seen.level]) / self.scale)

    @cached_property
    def shared_luck(self) -> Floats:
        """(pairs,): 1 / networks where both values are of the same networks, and `SHIFT` where both are of one confirmation."""
        (first, second), look = self.pairs, self.seen.look
        alike = look[first] == look[second]
        same = alike & (self.seen.trial[first] == self.seen.trial[second])
        return np.asarray(same / self.seen.networks[first] + SHIFT * (alike & (look[first] >= 0)))

    @cached_property
    def fixed(self) -> Floats:
        """(pairs,) of the covariance, the same for all draws: unknown means of levels, and what keeps it positive."""
        first, second = self.pairs
        return np.asarray(LOOSE * (self.seen.level[first] == self.seen.level[second]) + NUGGET * (first == second))

    @cached_property
    def priors(self) -> Floats:
        """(2, dimensions): middles and deviations."""
        count, steps = len(self.coordinates), self.seen.levels - 1
        length = Prior(LENGTH.middle + 0.5 * np.log(max(count, 1)), LENGTH.deviation)
        later = [KEPT_RELIEF] * steps + [KEPT_NOISE] * steps
        return np.array([*[length] * count, RELIEF, *[LATER_RELIEF] * steps, NOISE, *[LATER_NOISE] * steps, *later]).T

    def settings(self, about: Floats) -> Settings:
        """From (draws, dimensions) about the middle of the prior."""
        count, levels = len(self.coordinates), self.seen.levels
        parts = np.split(about + self.priors[0], np.cumsum([count, levels, levels, levels - 1]), axis=1)
        return Settings(np.exp(parts[0]), _between(parts[1], parts[3]), _between(parts[2], parts[4]))

    def covariance(self, found: Settings) -> Floats:
        """Of the values, all in all: (draws, values, values)."""
        lower = self._bordered(found)[:, :-1, :-1]
        return np.tril(lower) + np.tril(lower, -1).transpose(0, 2, 1)

    def likelihood(self, about: Floats) -> Floats:
        """Logarithm of the marginal likelihood of each draw, but for a constant: (draws,)."""
        step = max(1, BATCH // len(self.pairs[0]))
        return np.concatenate([self._likelihood(self.settings(about[at : at + step])) for at in range(0, len(about), step)])

    def _likelihood(self, found: Settings) -> Floats:
        """Rasmussen and Williams (2006), equation 2.30."""
        factor = np.linalg.cholesky(self._bordered(found))
        half = (factor[:, -1, :-1] ** 2).sum(axis=1) / 2
        whole = np.log(np.diagonal(factor, axis1=1, axis2=2)[:, :-1]).sum(axis=1)
        return np.asarray(self._between_networks(found) - half - whole)

    def _bordered(self, found: Settings) -> Floats:
        """The covariance with the values as one more row below: the Cholesky factor then holds the solution. Lower triangles."""
        count, (first, second) = len(self.scores), self.pairs
        levels = self.seen.level[first], self.seen.level[second]
        lower = correlation(self.distances, found.lengths) * found.relief[:, *levels]
        lower += self.shared_luck * found.noise[:, *levels] + self.fixed
        whole = np.zeros((len(lower), count + 1, count + 1))
        whole[:, first, second] = lower
        whole[:, count, :count], whole[:, count, count] = self.scores, 1e12
        return whole

    def _between_networks(self, found: Settings) -> Floats:
        """Of the differences between the networks of single trials, which speak of luck alone."""
        variance = found.noise[:, -1, -1]
        return np.asarray(-self.seen.free / 2 * np.log(variance) - self.seen.squares / self.scale**2 / (2 * variance))


def _between(logarithms: Floats, steps: Floats) -> Floats:
    """Covariances between levels: deviations relative to the first one's, correlations from one level to the next."""
    deviations = np.exp(logarithms + np.where(np.arange(logarithms.shape[1]) > 0, logarithms[:, :1], 0.0))
    kept = np.cumprod(np.concatenate([np.ones((len(steps), 1)), np.tanh(steps)], axis=1), axis=1)
    kept = np.where(np.abs(kept) < 1e-9, 1e-9, kept)
    levels = np.arange(logarithms.shape[1])
    upper = kept[:, None, :] / kept[:, :, None]
    whole = np.where(levels[:, None] <= levels, upper, upper.transpose(0, 2, 1))
    return np.asarray(deviations[:, :, None] * deviations[:, None, :] * whole)
