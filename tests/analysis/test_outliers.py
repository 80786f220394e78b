"""Values that have nothing to do with the others: what is said of these is what would be said without them."""

import numpy as np
import optuna
import pytest

from hpo.analysis.noise import Noise, noise
from hpo.analysis.observations import observations
from hpo.analysis.reading import read


def noise_of(trials: int, wild: int, value: float) -> Noise:
    """Of a bowl with a noise of 0.05, of whose trials some have that value instead."""
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(3))
    random = np.random.default_rng(3)
    chosen = random.choice(trials, wild, replace=False)
    for number in range(trials):
        trial = study.ask()
        x, y = trial.suggest_float("x", 0, 1), trial.suggest_float("y", 0, 1)
        study.tell(trial, value if number in chosen else (x - 0.4) ** 2 + 0.3 * y + 0.05 * random.normal())
    with np.errstate(all="ignore"):
        table = read(study)
        found = noise(table)
        assert observations(table).drawn_in == wild
    assert isinstance(found, Noise)
    return found


@pytest.mark.parametrize("value", [1e30, -1e30, 1e6], ids=str)
@pytest.mark.parametrize("trials", [12, 20, 50])
def test_two_wild_values_do_not_widen_the_noise(trials: int, value: float) -> None:
    """However far out they lie, and on whichever side."""
    without, found = noise_of(trials, 0, value), noise_of(trials, 2, value)
    assert found.deviation < without.high
    assert without.deviation < found.high


def test_bad_trials_among_good_ones_are_no_outliers() -> None:
    """Networks at chance, a few hundred spreads below those of a search that has closed in, count."""
    study = optuna.create_study(direction="maximize", sampler=optuna.samplers.RandomSampler(0))
    for number in range(40):
        trial = study.ask()
        x = trial.suggest_float("x", 0, 1)
        study.tell(trial, 0.1 if number % 20 == 0 else 0.98 + 0.003 * x)
    assert len(observations(read(study)).rows) == 40
