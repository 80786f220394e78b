"""Studies with planted truth in which trials are pruned by their values: what speeds up early learning looks as if it mattered.

`speed` raises what a trial reaches early and has no bearing on where it ends, `rate` has (where it has) on the end alone, and
`idle` on nothing. Truths are those of a study in which every trial is trained to its end.
"""

from collections.abc import Callable
from dataclasses import replace
from math import nan
from typing import NamedTuple

import numpy as np

from ..analysis.table import Curve, Floats, Integers, Table, Truths
from .planted import Make, table

Generator = np.random.Generator
Points = Callable[[Generator, int, Floats, Floats], Floats]
"""(parameters, trials) of the next cohort, from those before and their last values."""

EPOCHS = 9
RUNGS = (3, 9)
HEAD_START = 3.0
"""What speed adds to the first epoch, from one end of its range to the other; it fades to nothing at the last."""
COHORT = 20
EVERY = 4
"""One out of so many trials of a cohort is a witness of checked halving."""
NAMES = ("speed", "rate", "idle")


class Learning(NamedTuple):
    """What is true of every trial."""

    effect: float = 0.0
    """Of `rate` on the final value, from one end of its range to the other."""
    hazard: float = 0.0
    """Chance of diverging in each epoch, whatever the parameters are."""


def curves(generator: Generator, points: Floats, learning: Learning) -> Floats:
    """(trials, epochs): a trial's own level, its head start, what it learns, and noise; NaN from where it diverges."""
    speed, rate, _ = points
    progress = np.linspace(0, 1, EPOCHS)
    own = 0.7 * generator.standard_normal(len(speed)) + learning.effect * rate
    reached = own[:, None] + HEAD_START * speed[:, None] * (1 - progress)
    seen = reached + 0.3 * generator.standard_normal(reached.shape)
    gone = np.maximum.accumulate(generator.random(reached.shape) < learning.hazard, axis=1)
    return np.asarray(np.where(gone, nan, seen))


def everywhere(generator: Generator, count: int, points: Floats, values: Floats) -> Floats:
    """Random search."""
    return generator.random((len(NAMES), count))


def near_the_best(generator: Generator, count: int, points: Floats, values: Floats) -> Floats:
    """The box of the three best so far, a tenth wider at each end: a stage narrowed by values."""
    if not points.size:
        return everywhere(generator, count, points, values)
    best = points[:, np.argsort(-np.nan_to_num(values, nan=-np.inf))[:3]]
    margin = 0.1 * np.ptp(best, axis=1) + 0.05
    low, high = np.maximum(best.min(axis=1) - margin, 0), np.minimum(best.max(axis=1) + margin, 1)
    return np.asarray(generator.uniform(low[:, None], high[:, None], (len(NAMES), count)))


def towards_the_best(generator: Generator, count: int, points: Floats, values: Floats) -> Floats:
    """Half of the trials around the best quarter of those so far, as samplers do that learn."""
    fresh = everywhere(generator, count, points, values)
    if points.size:
        good = np.argsort(-np.nan_to_num(values, nan=-np.inf))[: max(3, points.shape[1] // 4)]
        around = points[:, generator.choice(good, count)] + 0.1 * generator.standard_normal(fresh.shape)
        fresh = np.where(generator.random(count) < 0.5, np.clip(around, 0, 1), fresh)
    return fresh


def by_halving(generator: Generator, seen: Floats, before: Floats) -> Integers:
    """Last epoch of each trial when one of three goes on at each rung."""
    ends = np.full(len(seen), EPOCHS)
    alive = np.arange(len(seen))
    for place, rung in enumerate(RUNGS[:-1]):
        alive = alive[np.isfinite(seen[alive, rung - 1])]
        kept = alive[np.argsort(-seen[alive, rung - 1], kind="stable")[: -(-len(seen) // 3 ** (place + 1))]]
        ends[np.setdiff1d(alive, kept)] = rung
        alive = kept
    return ends


def by_median(generator: Generator, seen: Floats, before: Floats) -> Integers:
    """Last epoch of each trial when it ends at the first one at which it lies below the median of five or more whole ones."""
    ends = np.full(len(seen), EPOCHS)
    for trial, curve in enumerate(seen):
        if len(before) >= 5:
            below = np.flatnonzero(curve < np.nanmedian(before, axis=0))
            ends[trial] = below[0] + 1 if below.size else EPOCHS
        if ends[trial] == EPOCHS and np.isfinite(curve).all():
            before = np.vstack([before, curve])
    return ends


def by_checked_halving(generator: Generator, seen: Floats, before: Floats) -> Integers:
    """As by halving among the trials that are no witnesses."""
    ends = np.full(len(seen), EPOCHS)
    others = np.arange(len(seen)) % EVERY > 0
    ends[others] = by_halving(generator, seen[others], before)
    return ends


Pruner = Callable[[Generator, Floats, Floats], Integers]


def pruned(
    prune: Pruner,
    draw: Points = everywhere,
    learning: Learning = Learning(),  # noqa: B008  # a tuple of constants
    trials: int = 100,
    stages: tuple[str, ...] = (),
) -> Make:
    """Studies of `trials` in cohorts of 20, each drawn after the one before; one cohort to a stage where stages are named."""

    def make(generator: Generator, seed: int) -> Table:
        points, seen, ends = np.empty((3, 0)), np.empty((0, EPOCHS)), np.empty(0, dtype=np.int64)
        for _ in range(trials // COHORT):
            last = np.array([curve[end - 1] for curve, end in zip(seen, ends, strict=True)])
            drawn = draw(generator, COHORT, points, last)
            found = curves(generator, drawn, learning)
            ends = np.concatenate([ends, prune(generator, found, seen[(ends == EPOCHS) & np.isfinite(seen).all(axis=1)])])
            points, seen = np.concatenate([points, drawn], axis=1), np.concatenate([seen, found])
        spared = np.arange(trials) % COHORT % EVERY == 0 if prune is by_checked_halving else np.zeros(trials, dtype=np.bool_)
        names = np.repeat(stages, COHORT) if stages else np.full(trials, "")
        learns = draw is towards_the_best
        return replace(_table(points, seen, ends, seed), stages=names, spared=spared, sampler="tpe" if learns else "random")

    return make


def _table(points: Floats, seen: Floats, ends: Integers, seed: int) -> Table:
    """The study as it is read: curves to the end of each trial, a value where it was completed."""
    went: list[Floats] = [curve[:end] for curve, end in zip(seen, ends, strict=True)]
    diverged: Truths = np.array([not np.isfinite(curve).all() for curve in went])
    outcomes = np.where(diverged, "diverged", np.where(ends < EPOCHS, "pruned", "completed"))
    values = np.where(outcomes == "completed", seen[:, -1], nan)
    made = table(dict(zip(NAMES, points, strict=True)), values, seed=seed)
    reported = [curve[np.isfinite(curve)] for curve in went]

    def of(row: int) -> tuple[Curve, ...]:
        return (Curve("epoch", np.arange(1.0, len(reported[row]) + 1), {"validation_accuracy": reported[row]}),)

    return replace(made, outcomes=outcomes, values=values[:, None], curves_of=of, cohorts=np.arange(len(ends)) // COHORT)
