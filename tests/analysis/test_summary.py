"""All analyses together: on any study something, or the reason why not, and quickly."""

import numpy as np
import optuna
import pytest
from optuna.trial import TrialState

from hpo.analysis.derived import with_derived
from hpo.analysis.reading import read
from hpo.analysis.summary import Analysis, analyse
from hpo.analysis.table import Unanswered
from hpo.errors import InvalidSpec
from hpo.spec import loads

from .studies import diverging_trials, random_trials, study, table, trial

SPEC = loads(
    """
title = "Effective rate"
data = { name = "digits", train = 1000, validation = 400 }
model = { name = "mlp" }
training = { optimizer = "momentum", epochs = 2, momentum = 0.5 }
[space]
rate = { option = "learning_rate", low = 0.001, high = 1.0, log = true }
width = { option = "batch_size", choices = [16, 64] }
[[stage]]
name = "all"
trials = 4
"""
)


def conditional() -> list[optuna.trial.FrozenTrial]:
    """Trials of which every other one lacks two parameters."""
    trials = random_trials(30)
    for one in trials[::2]:
        for name in ("decay", "kind"):
            del one.params[name], one.distributions[name]
    return trials


STUDIES = {
    "empty": lambda: study([]),
    "one": lambda: study(random_trials(1)),
    "three": lambda: study(random_trials(3)),
    "thirty": lambda: study(random_trials(30)),
    "constant": lambda: study([trial({"rate": 0.01 * (n + 1)}, 1.0) for n in range(12)]),
    "one point": lambda: study([trial({"rate": 0.01}, float(n)) for n in range(12)]),
    "no parameters": lambda: study([trial({}, float(n)) for n in range(12)]),
    "all failed": lambda: study([trial({"rate": 0.01}, None, TrialState.FAIL)] * 6),
    "all diverged": lambda: study(diverging_trials(12, border=0.0)),
    "half diverged": lambda: study(diverging_trials(40, border=0.02)),
    "running": lambda: study([trial({"rate": 0.01}, None, TrialState.RUNNING), *random_trials(8)]),
    "conditional": lambda: study(conditional()),
    "two objectives": lambda: study(
        [trial({"rate": 0.01 * (n + 1)}, [float(n), -float(n % 3)]) for n in range(20)], ("maximize",) * 2
    ),
    "minimised": lambda: study(random_trials(12), ("minimize",)),
}


@pytest.mark.parametrize("name", STUDIES)
def test_any_study_gets_an_answer(name: str) -> None:
    """Each analysis gives numbers or a reason in plain words; none fails, whatever the study is like."""
    found = analyse(read(STUDIES[name]()))
    assert isinstance(found, Analysis)
    answers = [*found.effects.values(), *found[3:]]
    reasons = [answer.reason for answer in answers if isinstance(answer, Unanswered)]
    assert all(reason and not reason.endswith(".") for reason in reasons)
    assert sum(found.outcomes.values()) == found.trials
    if name == "half diverged":
        assert not isinstance(found.stability, Unanswered)
    if name == "two objectives":
        assert not isinstance(found.front, Unanswered)


def test_derived_quantities_become_columns() -> None:
    """An expression may name a parameter, the option that one sets, or an option that the file fixes."""
    trials = random_trials(4)
    for one, choice in zip(trials, (16, 64, 16, 64), strict=True):
        one.params["width"] = choice
        one.distributions["width"] = optuna.distributions.CategoricalDistribution([16, 64])
    made = read(study(trials))
    found = with_derived(made, SPEC, {"effective": "learning_rate / ((1 - momentum) * batch_size)", "twice": "2 * rate"})
    rates = made.columns["rate"].values
    assert found.columns["effective"].values == pytest.approx(rates / (0.5 * np.array([16, 64, 16, 64])))
    assert found.columns["twice"].values == pytest.approx(2 * rates)
    assert found.columns["effective"].derived
    assert "effective" not in [column.name for column in found.parameters]


def test_a_wrong_expression_is_refused() -> None:
    """A name that the study file does not have is answered with those that it has."""
    with pytest.raises(InvalidSpec, match="unknown name 'rates'"):
        with_derived(table(3), SPEC, {"wrong": "2 * rates"})
