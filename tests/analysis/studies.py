"""Optuna studies of other people, made of trials that are told what became of them."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import optuna
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.trial import FrozenTrial, TrialState, create_trial

from hpo.analysis.reading import read
from hpo.analysis.table import Table

SPACE: dict[str, BaseDistribution] = {
    "rate": FloatDistribution(1e-4, 1.0, log=True),
    "decay": FloatDistribution(0.0, 1.0),
    "width": IntDistribution(8, 128, log=True),
    "layers": IntDistribution(1, 4),
    "kind": CategoricalDistribution(["relu", "tanh", None]),
}


def draw(generator: np.random.Generator) -> dict[str, Any]:
    """One point of the space, log-uniform where the distribution says so."""
    return {
        "rate": float(10 ** generator.uniform(-4, 0)),
        "decay": float(generator.random()),
        "width": round(float(2 ** generator.uniform(3, 7))),
        "layers": int(generator.integers(1, 5)),
        "kind": ["relu", "tanh", None][int(generator.integers(3))],
    }


def value_of(params: Mapping[str, Any]) -> float:
    """The planted truth: best at a rate of 0.01; the width helps a little; nothing else matters."""
    return -((math.log10(params["rate"]) + 2) ** 2) + 0.2 * math.log2(params["width"])


def trial(
    params: Mapping[str, Any],
    value: float | Sequence[float] | None = None,
    state: TrialState = TrialState.COMPLETE,
    reports: Mapping[int, float] | None = None,
    **attributes: Any,
) -> FrozenTrial:
    """A trial as it comes out of a storage."""
    values = None if value is None else [value] if isinstance(value, (int, float)) else list(value)
    return create_trial(
        params=dict(params),
        distributions={name: SPACE[name] for name in params},
        values=values,
        state=state,
        intermediate_values=dict(reports or {}),
        user_attrs=attributes,
    )


def study(trials: Sequence[FrozenTrial], directions: Sequence[str] = ("maximize",), name: str = "theirs") -> optuna.Study:
    """A study in memory that holds the trials."""
    made = optuna.create_study(directions=list(directions), study_name=name)
    made.add_trials(trials)
    return made


def random_trials(count: int, noise: float = 0.3, seed: int = 0) -> list[FrozenTrial]:
    """Completed trials at random points."""
    generator = np.random.default_rng(seed)
    points = [draw(generator) for _ in range(count)]
    return [trial(point, value_of(point) + noise * float(generator.standard_normal())) for point in points]


def diverging_trials(count: int, border: float = 0.1, seed: int = 0) -> list[FrozenTrial]:
    """Random trials of which those above a rate diverge: NaN was reported, and the trial failed."""
    generator = np.random.default_rng(seed)
    points = [draw(generator) for _ in range(count)]
    gone = TrialState.FAIL, {0: 2.0, 1: math.nan}
    return [
        trial(point, None, *gone) if point["rate"] > border else trial(point, value_of(point), reports={0: 0.0, 1: 1.0})
        for point in points
    ]


def table(count: int, noise: float = 0.3, seed: int = 0) -> Table:
    """A table of random trials."""
    return read(study(random_trials(count, noise, seed)))


optuna.logging.set_verbosity(optuna.logging.ERROR)
