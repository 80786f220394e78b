"""How often a narrowed box leaves the optimum outside, where it is known."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from hpo.search import narrowed
from hpo.space import Box
from hpo.spec.search import Narrow

from .record import Search
from .tasks import EPOCHS, Function, noisy, optimum_of

COARSE = 20
"""Trials of the coarse stage on the test function, drawn at random and trained whole."""


def left_out(task: Function, how: Narrow, seeds: Sequence[int]) -> float:
    """Share of the seeds in which the box around the best of a coarse stage excludes the optimum of whole trials."""
    return sum(not _holds(_box(task, how, seed), task, seed) for seed in seeds) / len(seeds)


def _box(task: Function, how: Narrow, seed: int) -> Box:
    points = np.random.default_rng(seed).random(COARSE)
    values = [noisy(x, task.shift, seed, number, EPOCHS) for number, x in enumerate(points)]
    best = np.argsort(values)[: how.keep]
    return narrowed(task.spec.space, [{"x": float(points[place])} for place in best], how.margin)


def _holds(box: Box, task: Function, seed: int) -> bool:
    low, high = box["x"]
    return bool(low <= optimum_of(seed, task.shift) - task.shift / np.sqrt(EPOCHS) <= high)


def excludes(box: Box, optima: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a box holds none of the points that are as good as the best."""
    return not any(all(low <= point[name] <= high for name, (low, high) in box.items()) for point in optima)


def as_good_as_the_best(searches: Sequence[Search], noise: float) -> list[Mapping[str, Any]]:
    """The winners of many searches that are worth no less than the best one of them, but for a noise."""
    best = max(search.score(search.truth) for search in searches)
    good = [search for search in searches if search.score(search.truth) >= best - noise]
    return [winner.point for search in good if (winner := search.best(search.trials[-1].spent)) is not None]
