"""The short version of `python -m benchmarks answers`: bands hold the truth, and of no effect nothing is said."""

import numpy as np
import pytest
from scipy.stats import binom

from hpo.analysis.posterior import Posterior, posterior
from hpo.testing.answers import SITUATIONS, Answers, answers
from hpo.testing.planted_surfaces import Situation, planted

CHANCE = 1e-3
"""Of a right method failing here; seeds are fixed, so what passes goes on passing."""


def held(name: str, studies: int) -> Answers:
    """What is said of studies of this kind."""
    (kind,) = [one for one in SITUATIONS if one.name == name]
    return answers(kind, studies, seed=7)


def least(rate: float, studies: int) -> float:
    """The share that chance makes of a true rate at the least."""
    return float(binom.ppf(CHANCE, studies, rate)) / studies


def band(studies: int) -> float:
    """The share of points in the band at the least: from study to study it has a deviation of up to 0.15."""
    return 0.95 - 3 * 0.15 / studies**0.5


def most(rate: float, studies: int) -> float:
    """The share that chance makes of a true rate at the most."""
    return float(binom.ppf(1 - CHANCE, studies, rate)) / studies


@pytest.mark.parametrize(
    ("name", "studies"),
    [
        ("8 trials, a bowl over 2", 30),
        ("12 trials, a bowl over 3 and a choice", 30),
        ("20 trials, a bowl over 2 and a choice, 3 networks", 25),
        ("20 trials, a ridge, narrowing", 25),
        ("50 trials, a bowl over 2 and a choice, pruned", 10),
    ],
)
def test_bands_and_the_best_hold_the_truth(name: str, studies: int) -> None:
    """The band of the model holds the true mean at random points, the interval of the best trial's setting its own."""
    found = held(name, studies)
    assert found.silent == 0
    assert found.surface >= band(studies)
    assert found.best >= least(0.93, studies)


@pytest.mark.parametrize("name", ["20 trials, nothing, learning", "50 trials, nothing, narrowing"])
def test_nothing_is_at_no_end(name: str) -> None:
    """Without any effect the best is said to lie at an end in 5 % of the studies at the most."""
    assert held(name, 25).ends <= most(0.05, 25)


def test_what_speeds_up_early_learning_alone_does_not_lead() -> None:
    """Nor is the best said to lie at its end; the band holds the truth, which is flat, where only pruned trials lie."""
    found = held("50 trials, one that speeds up alone, pruned", 8)
    assert found.leads <= most(0.05, 8)
    assert found.ends <= most(0.05, 8)
    assert found.surface >= band(8)


def test_too_few_completed_say_nothing() -> None:
    """Three completed trials of twenty are no ground for a model."""
    assert answers(Situation("few", "bowl", 20, 2, pruned=True), 3).silent == 1


def test_bands_narrow_with_trials_and_widen_without_data() -> None:
    """More trials leave less unknown; where no trial of a narrowed search was, more is unknown than where they were."""
    generator, spread = np.random.default_rng(0), {}
    for trials in (10, 40):
        found = posterior(planted(Situation("a bowl", "bowl", trials, 2), generator, 0).table)
        assert isinstance(found, Posterior)
        spread[trials] = found.moments({"x0": np.linspace(0, 1, 9), "x1": np.full(9, 0.5)})[1].mean()
    assert spread[40] < 0.7 * spread[10]
