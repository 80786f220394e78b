"""Studies by a sampler that learns: parameters without effect drift, while the trials get better because of another one."""

from dataclasses import replace

import numpy as np

from ..analysis.table import Table
from .planted import Make, Planted, table

STARTUP = 10
"""Trials at random before the sampler looks at values; then each parameter is drawn by itself near one of the best so far."""
SPREAD = 0.1


def learning(trials: int = 50, best: float = 0.55, breaks: bool = False) -> Make:
    """`rate` is best at a share of its range and, where it `breaks`, diverges above 0.8; `idle` and `other` have no effect."""

    def make(generator: np.random.Generator, seed: int) -> Table:
        points, values = generator.random((trials, 3)), np.full(trials, -np.inf)
        for trial in range(trials):
            if trial >= STARTUP:
                good = np.argsort(-values[:trial], kind="stable")[: max(2, trial // 10)]
                near = points[generator.choice(good, 3), np.arange(3)] + SPREAD * generator.standard_normal(3)
                points[trial] = np.clip(near, 0, 1)
            rate = points[trial, 0]
            if not (breaks and generator.random() < 1 / (1 + np.exp(-20 * (rate - 0.8)))):
                values[trial] = -8.0 * (rate - best) ** 2 + 0.3 * generator.standard_normal()
        columns = dict(zip(("rate", "idle", "other"), points.T, strict=True))
        return replace(table(columns, values, seed=seed, diverged=np.isinf(values)), sampler="tpe")

    return make


SIDES = {"group": {"idle": {"above": 0.5}}, "against": {"idle": {"below": 0.5}}}
HALVES = {**SIDES, "direction": "higher"}
LEARNT: tuple[Planted, ...] = tuple(
    Planted(kind, "none, a sampler that learns", "border", options, learning(), effect)
    for kind, options, effect in (
        ("trend", {"parameter": "idle", "direction": "rising"}, 0.5),
        ("difference", HALVES, 0.0),
        ("difference", {**HALVES, "average": "hodges-lehmann"}, 0.0),
        ("best-shifts", {"parameter": "rate", "by": "idle", "direction": "rising"}, 0.0),
        ("importance-order", {"order": ["idle", "other"]}, 0.0),
        ("interaction", {**SIDES, "when": {"other": {"above": 0.5}}, "than": {"other": {"below": 0.5}}}, 0.0),
    )
)
"""Claims about parameters without effect."""
