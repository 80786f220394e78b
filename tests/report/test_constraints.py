"""Trials of other programs that break a constraint of their study."""

import numpy as np
import optuna

from hpo.analysis.forecast import Forecast, forecast
from hpo.analysis.history import History, history
from hpo.analysis.reading import read
from hpo.analysis.recommendation import Recommendation
from hpo.report import explain


def test_trials_that_break_a_constraint_are_never_the_best() -> None:
    """Of a study of another program: not in the history, on a front, in a forecast or in the answer, which says so."""
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(0))
    for number in range(30):
        trial = study.ask()
        x = trial.suggest_float("x", 0, 1)
        trial.set_constraint("weight", float(number % 3 == 0))
        study.tell(trial, x + (0 if number % 3 else -5))
    table = read(study)
    found, explanation = history(table), explain(study)
    assert isinstance(found, History)
    assert found.best[-1] == study.best_value > 0
    assert np.nanmin(found.values) < -4
    assert explanation.leader is not None
    assert table.numbers[explanation.leader.row] == study.best_trial.number
    advised = explanation.analysis.recommendation
    assert isinstance(advised, Recommendation)
    assert advised.trial % 3
    assert advised.number == study.best_trial.number
    assert "10 of 30 trials break a constraint of the study: none of them is taken for the best" in explanation.remarks[-1]
    rise = forecast(table, 10)
    assert isinstance(rise, Forecast)
    assert 0 <= rise.gain <= rise.high < 1


def test_a_study_whose_trials_all_break_a_constraint_has_no_best() -> None:
    """The answer says what they lack."""
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(0))
    for _ in range(6):
        trial = study.ask()
        trial.set_constraint("weight", 1.0)
        study.tell(trial, trial.suggest_float("x", 0, 1))
    assert explain(study).answer[0].startswith("No trial that keeps the study's constraints has completed")
