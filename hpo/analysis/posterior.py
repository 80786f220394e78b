"""One model of a study, which is asked everywhere: what the objective is on average at a setting, and how well that is known."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from ..seeds import derive
from .confirmed import with_fresh
from .coordinates import Coordinate, coordinates, placed, present
from .matern import across
from .model import LOOSE, NUGGET, Model, Settings
from .observations import observations
from .patterns import Pattern, patterns, weights
from .slice_sampling import elliptical_slices
from .table import Column, Floats, Integers, Table, Unanswered, there_are

DRAWS, FEWER_DRAWS = 32, 16
"""Of what the model leaves open. All that is said is said over all of them, so that its bands know that lengths are guessed, too.
Fewer for more than `MANY` values, which leave less open and take longer."""
MANY = 120
STEPS = 12
TRIED = 256
"""Draws of the prior, out of which the chains begin at likely ones."""
TEMPERATURE = 3.0
FEWEST_TRIALS = 4
PART = 200
"""Points that are asked at once."""

Parts = list[tuple[list[Floats | None], Floats]]
"""By pattern where points lie, by coordinate, and each point's share of it."""
Query = Mapping[str, Floats]
"""By parameter the values, in its own units, at which a model is asked, equally many: NaN where a point lacks the parameter. Over
others it averages, where some trials lack parameters over what occurs together (hpo.analysis.patterns)."""


@dataclass(frozen=True, eq=False)
class Posterior:
    """What is known of the mean objective at the end of training, over all seeds, at every point of the space."""

    model: Model
    columns: Mapping[str, Column]
    """The parameters that the model knows."""
    settings: Settings
    seed: int
    rows: Integers
    """Of the table, that were used."""
    completed: int
    """Completed trials that were used."""
    pruned: int
    """Trials that ended before, pruned or in a stage of a smaller budget, that were used."""

    @cached_property
    def noise(self) -> Floats:
        """(draws,) Standard deviation of one network about that mean."""
        return np.asarray(self.model.scale * np.sqrt(self.settings.noise[:, -1, -1]))

    def moments(self, query: Query) -> tuple[Floats, Floats]:
        """Mean and standard deviation at each point: (points,) each, in the objective's units."""
        whole = len(next(iter(query.values())))
        parts = [{name: values[at : at + PART] for name, values in query.items()} for at in range(0, whole, PART)]
        means, variances = (np.concatenate(found, axis=1) for found in zip(*map(self._moments, parts), strict=True))
        return means.mean(axis=0), np.sqrt(variances.mean(axis=0) + means.var(axis=0))

    def sample(self, query: Query, count: int = 64) -> Floats:
        """Functions that the trials leave possible: (draws x count, points), in the objective's units."""
        return self.jointly([query], count)[0]

    def jointly(self, queries: Sequence[Query], count: int) -> list[Floats]:
        """The same functions at the points of several queries, which may average over different parameters."""
        parts = [self._points(query) for query in queries]
        reach = np.concatenate([self._to_values(part) for part in parts], axis=1)
        among = np.block([[self._among(one, other) for other in parts] for one in parts])
        generator = np.random.default_rng(derive(self.seed, "functions"))
        found = _normal(self._means(reach), self._covariances(reach, among), count, generator)
        ends = np.cumsum([len(next(iter(query.values()))) for query in queries])
        return np.split(found, ends[:-1], axis=1)

    def _moments(self, query: Query) -> tuple[Floats, Floats]:
        """Means and variances: (draws, points) each."""
        reach = self._to_values(self._points(query))
        # Before a value is seen, one point is as unsure as another.
        first = self._points({name: values[:1] for name, values in query.items()})
        before = self._among(first, first)[:, :, 0]
        known = np.einsum("dpv,dpv->dp", reach @ self._inverse, reach)
        return self._means(reach), self.model.scale**2 * np.maximum(before - known, 0.0)

    def _means(self, reach: Floats) -> Floats:
        return np.asarray(self.model.centres[-1] + self.model.scale * np.einsum("dpv,dv->dp", reach, self._weights))

    def _covariances(self, reach: Floats, among: Floats) -> Floats:
        return np.asarray(self.model.scale**2 * (among - reach @ self._inverse @ reach.transpose(0, 2, 1)))

    def _to_values(self, parts: Parts) -> Floats:
        """Covariance of the points with the values: (draws, points, values)."""
        coordinates, level = self.model.coordinates, self.model.seen.level
        found = sum(
            share[:, None] * across(coordinates, points, self.model.points, self.settings.lengths) for points, share in parts
        )
        return np.ascontiguousarray(found * self.settings.relief[:, -1, level][:, None, :] + LOOSE * self.model.seen.final)

    def _among(self, one: Parts, other: Parts) -> Floats:
        """Covariance of points with points: (draws, points, points)."""
        coordinates = self.model.coordinates
        found = sum(
            share[:, None] * weight * across(coordinates, points, others, self.settings.lengths)
            for points, share in one
            for others, weight in other
        )
        return np.asarray(found * self.settings.relief[:, -1:, -1:] + LOOSE)

    def _points(self, query: Query) -> Parts:
        """Where the points lie by pattern, None for an average over a coordinate; and each pattern's share of each point."""
        coordinates, count = self.model.coordinates, len(next(iter(query.values())))
        asked = {place: self._point(one, query) for place, one in enumerate(coordinates) if one.name in query}
        found = [{}] if len(asked) == len(coordinates) else self.patterns
        shares = weights(coordinates, found, asked, count)
        every = range(len(coordinates))
        return [
            ([asked[at] if at in asked else np.full(count, one[at]) if at in one else None for at in every], share)
            for one, share in zip(found, shares.T, strict=True)
            if share.any()
        ]

    def _point(self, one: Coordinate, query: Query) -> Floats:
        return present(query[one.name]) if one.presence else placed(self.columns[one.name], query[one.name])

    @cached_property
    def patterns(self) -> list[Pattern]:
        """Which parameters occur together, and with which of the choices that decide on them."""
        return patterns(self.model.coordinates)

    @cached_property
    def _inverse(self) -> Floats:
        return np.asarray(np.linalg.inv(self.model.covariance(self.settings)), dtype=np.float64)

    @cached_property
    def _weights(self) -> Floats:
        return np.asarray(self._inverse @ self.model.scores)

    def finals(self, rows: Integers, count: int) -> Floats:
        """What the trials in those places of `model.seen.rows` would have come to at the end: (count, trials), luck and all."""
        means, covariances = self._ahead(rows)
        generator = np.random.default_rng(derive(self.seed, "finals"))
        return np.concatenate(
            [_normal(means[[at % len(means)]], covariances[[at % len(means)]], 1, generator) for at in range(count)]
        )

    def expected_finals(self, rows: Integers) -> Floats:
        """The mean of what `finals` draws: (trials,)."""
        parts = [self._ahead(rows[at : at + PART])[0].mean(axis=0) for at in range(0, len(rows), PART)]
        return np.concatenate([np.empty(0), *parts])

    def _ahead(self, rows: Integers) -> tuple[Floats, Floats]:
        """By draw the means (draws, trials) of what they would have come to, and its covariances."""
        seen, level = self.model.seen, self.model.seen.level
        points = [one.values[rows] for one in self.model.coordinates]
        own = ((rows[:, None] == seen.trial) & seen.own) / seen.networks
        reach = (
            across(self.model.coordinates, points, self.model.points, self.settings.lengths)
            * self.settings.relief[:, -1, level][:, None, :]
        )
        reach = reach + LOOSE * seen.final + own * self.settings.noise[:, -1, level][:, None, :]
        among = across(self.model.coordinates, points, points, self.settings.lengths) * self.settings.relief[:, -1:, -1:]
        among = among + LOOSE + np.eye(len(rows)) * self.settings.noise[:, -1:, -1:]
        return self._means(reach), self._covariances(reach, among)


def posterior(table: Table, objective: int = 0, names: tuple[str, ...] = ()) -> Posterior | Unanswered:
    """The model of a study; fitted once, whoever asks.

    A Gaussian process (Rasmussen and Williams, Gaussian Processes for Machine Learning, 2006) on all parameters, or on those that
    are named: each number on its own scale, each choice as one. Lengths, relief and noise are drawn from their posterior.
    """
    return _fitted(table, objective, names)


@lru_cache(maxsize=16)
def _fitted(table: Table, objective: int, names: tuple[str, ...]) -> Posterior | Unanswered:
    seen = observations(table, objective)
    seen, ended = with_fresh(seen, table) if objective == 0 else seen, seen.values[seen.final]
    used = table.take(seen.places)
    columns = [used.columns[name] for name in names] or list(used.parameters)
    varied = {one.name: one for one in columns if not one.constant}
    completed = len(ended)
    if completed < FEWEST_TRIALS:
        return Unanswered(f"a model of the study needs at least {FEWEST_TRIALS} completed trials, and {there_are(completed)}")
    if not varied:
        return Unanswered("no parameter was varied")
    if np.ptp(ended) == 0:
        return Unanswered("all completed trials have the same value")
    with np.errstate(all="ignore"):
        scale = float(np.std(seen.values[seen.own & (seen.level == 0)], ddof=1))
        centres = np.array([seen.values[seen.own & (seen.level == level)].mean() for level in range(seen.levels)])
    if not np.isfinite([scale, *centres]).all() or not scale > 0:
        return Unanswered("the values lie too far apart")
    model = Model(coordinates(used, list(varied.values())), seen, centres, scale)
    return Posterior(model, varied, _drawn(model, table.seed), table.seed, seen.rows, completed, len(seen.rows) - completed)


def _drawn(model: Model, seed: int) -> Settings:
    from threadpoolctl import threadpool_limits

    generator, (_, deviations) = np.random.default_rng(derive(seed, "model")), model.priors
    # One thread: matrices are small, and on two busy cores two threads took six times as long, 250 trials.
    with threadpool_limits(1):
        tried = deviations * generator.standard_normal((TRIED, len(deviations)))
        likely = model.likelihood(tried)
        chance = np.exp((likely - likely.max()) / TEMPERATURE)
        draws = DRAWS if len(model.scores) <= MANY else FEWER_DRAWS
        start = tried[generator.choice(TRIED, draws, p=chance / chance.sum())]
        return model.settings(elliptical_slices(model.likelihood, start, deviations, STEPS, generator))


def _normal(means: Floats, covariances: Floats, count: int, generator: np.random.Generator) -> Floats:
    """(draws x count, points), `count` for each of (draws, points) means."""
    points = means.shape[1]
    ridge = NUGGET * np.trace(covariances, axis1=1, axis2=2)[:, None, None] / points  # Neighbours on a grid are nearly the same.
    try:
        roots = np.linalg.cholesky(covariances + (ridge + np.finfo(float).tiny) * np.eye(points))
    except np.linalg.LinAlgError:
        values, vectors = np.linalg.eigh(covariances)
        roots = vectors * np.sqrt(np.maximum(values, 0.0))[:, None, :]
    noise = generator.standard_normal((len(means), count, points))
    return np.asarray(means[:, None, :] + noise @ roots.transpose(0, 2, 1)).reshape(-1, points)
