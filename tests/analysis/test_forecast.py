"""What more trials would bring: right on average where the truth is known."""

from collections.abc import Callable

import numpy as np
import optuna
import pytest

from hpo.analysis.forecast import Forecast, forecast
from hpo.analysis.reading import read
from hpo.analysis.table import Floats, Unanswered
from hpo.attributes import STAGE
from hpo.testing.planted import table

Draw = Callable[[np.random.Generator, int], Floats]


def forecasts(draw: Draw, trials: int, more: int, repeats: int = 600) -> tuple[list[Forecast], Floats]:
    """Forecasts of made-up studies, and by how much their best really rose."""
    generator, found, rises = np.random.default_rng(1), [], []
    for study in range(repeats):
        values = draw(generator, trials + more)
        told = forecast(table({"x": generator.random(trials)}, values[:trials], seed=study), more)
        assert isinstance(told, Forecast)
        found.append(told)
        rises.append(values.max() - values[:trials].max())
    return found, np.array(rises)


@pytest.mark.parametrize(("trials", "more"), [(20, 20), (50, 10)])
def test_right_on_average(trials: int, more: int) -> None:
    """The chance and the size of a rise are those that really came, and the rise mostly stays below its bound."""
    found, rises = forecasts(lambda generator, count: generator.exponential(size=count), trials, more)
    assert found[0].probability == pytest.approx(np.mean(rises > 0), abs=0.06)
    assert np.mean([each.gain for each in found]) == pytest.approx(np.mean(rises), rel=0.25)
    assert np.mean([rise <= each.high for rise, each in zip(rises, found, strict=True)]) > 0.75


def test_never_too_small_under_a_ceiling() -> None:
    """Where values have a ceiling, the forecast errs to the side of too much, and not by more than three times."""
    found, rises = forecasts(lambda generator, count: 1 - generator.random(count), 20, 20)
    assert 1 < np.mean([each.gain for each in found]) / np.mean(rises) < 3
    assert np.mean([rise <= each.high for rise, each in zip(rises, found, strict=True)]) > 0.95


def test_too_few_trials() -> None:
    """Nine completed trials are not enough to say anything."""
    assert isinstance(forecast(table({"x": np.arange(9.0)}, np.arange(9.0)), 10), Unanswered)


def test_values_that_are_all_equal() -> None:
    """Where all values are the same, no rise is expected."""
    told = forecast(table({"x": np.arange(12.0)}, np.ones(12)), 10)
    assert isinstance(told, Forecast)
    assert (told.gain, told.high) == (0, 0)


def test_a_queued_point_is_no_stage() -> None:
    """Trials that wait in the queue do not hide those that there are."""

    def drawn(trial: optuna.Trial) -> float:
        trial.set_user_attr(STAGE, "wide")
        return trial.suggest_float("x", 0, 1)

    study = optuna.create_study(direction="maximize")
    study.optimize(drawn, n_trials=12)
    before = forecast(read(study), 10)
    study.enqueue_trial({"x": 0.5})
    assert isinstance(before, Forecast)
    assert forecast(read(study), 10) == before
