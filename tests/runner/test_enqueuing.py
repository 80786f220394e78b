"""Points that are tried before the sampler's own."""

from collections.abc import Callable
from typing import Any

import optuna
import pytest
from optuna.trial import TrialState

from hpo.attributes import enqueued
from hpo.errors import UsageError
from hpo.runner import StoredStudy, trial_table_hash
from hpo.runner.enqueuing import best_first, best_inside, enqueue, next_box, points, waiting
from hpo.spec import StudySpec

from ..fakes.studies import study_file, told
from .conftest import train

Make = Callable[..., StoredStudy]

SAMPLERS = ["random", "qmc", "tpe", "cmaes"]


def mixed(**sections: Any) -> StudySpec:
    """A study with every kind of parameter."""
    space = {
        "eta": {"option": "learning_rate", "low": 0.001, "high": 1.0, "log": True},
        "batch_size": {"low": 10, "high": 50, "step": 10},
        "optimizer": {"choices": ["sgd", "momentum"]},
    }
    return study_file(space=space, stage=[{"name": "wide", "trials": 6}], **sections)


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_queued_points_come_first(stored: Make, sampler: str) -> None:
    """They are trained as they were given, what they leave out is drawn in the box, and the sampler draws the rest."""
    study = stored(search={"sampler": sampler}, execution={"groups": 2, "cohort": 4})
    assert enqueue(study, [{"eta": 0.1}, {"eta": 0.2, "momentum": 0.5}]) == [(0, True), (1, True)]
    assert train(study).stopped == "done"
    first, second, *rest = study.trials()
    assert first.params["eta"] == 0.1
    assert 0 <= first.params["momentum"] <= 0.9
    assert second.params == {"eta": 0.2, "momentum": 0.5}
    assert [enqueued(trial) for trial in study.trials()] == [True, True, *([False] * len(rest))]
    assert all(trial.constraints.keys() == {"diverged"} for trial in study.trials())
    assert len(study.trials()) == 14


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_the_queue_survives_interruptions(stored: Make, sampler: str) -> None:
    """Cut off by Ctrl-C in the middle of the cohort that holds them, the study ends with the same table."""
    hashes = []
    for name, cut in (("whole", False), ("cut", True)):
        study = stored(name=name, search={"sampler": sampler}, execution={"groups": 2, "cohort": 4})
        enqueue(study, [{"eta": 0.1}, {"momentum": 0.5}])
        if cut:
            with pytest.raises(KeyboardInterrupt):
                train(study, display=interrupt)
        train(study)
        hashes.append(trial_table_hash(study.optuna))
    assert hashes[0] == hashes[1]


def interrupt(event: object) -> None:
    """A display that is struck by Ctrl-C when the first job makes progress."""
    if type(event).__name__ == "JobProgress":
        raise KeyboardInterrupt


def test_a_queue_is_run_past_the_last_stage(stored: Make) -> None:
    """A complete study takes up what is enqueued, and no more."""
    study = stored()
    train(study)
    assert enqueue(study, [{"eta": 0.3}]) == [(14, True)]
    assert train(study).told == 1
    assert train(study).told == 0


def test_no_point_is_queued_twice(stored: Make) -> None:
    """One that waits, and one that was tried, are there already; so is a part of a point that was queued as that part."""
    study = stored()
    assert enqueue(study, [{"eta": 0.1}, {"eta": 0.1}]) == [(0, True), (0, False)]
    train(study)
    assert enqueue(study, [{"eta": 0.1}, dict(study.trials()[3].params)]) == [(0, False), (3, False)]


def test_the_queue_of_stock_optuna_counts(stored: Make) -> None:
    """What Study.enqueue_trial puts there is tried; what is none of this space waits, and harms nobody."""
    study = stored()
    other = optuna.load_study(study_name="study", storage=study.database.address.url)
    other.enqueue_trial({"eta": 7.0})
    other.enqueue_trial({"eta": 0.25})
    assert [trial.number for trial in waiting(study.now())] == [1]
    train(study)
    assert study.trials()[0].params["eta"] == 0.25
    assert [trial.number for trial in other.get_trials(states=(TrialState.WAITING,))] == [0]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("{", "not JSON"),
        ("[]", "a point is an object with at least one parameter"),
        ("{}", "a point is an object with at least one parameter"),
        ('{"etta": 1}', "unknown parameter 'etta': did you mean 'eta'"),
        ('{"eta": 2}', "eta must lie from 0.001 to 1.0, got 2: the nearest is 1.0"),
        ('{"eta": NaN}', "eta must be a number, got nan"),
        ('{"eta": "0.1"}', "eta must be a number, got '0.1'"),
        ('{"batch_size": 12.5}', "batch_size must be a whole number, got 12.5"),
        ('{"batch_size": 15}', "batch_size must lie on the steps of 10 from 10, got 15: the nearest is 10 or 20"),
        ('{"optimizer": "adam"}', "optimizer must be one of ['sgd', 'momentum'], got 'adam'"),
    ],
)
def test_faults_of_points_are_told(text: str, fault: str) -> None:
    """Each with the text, the parameter, the rule and the value."""
    with pytest.raises(UsageError) as error:
        points(mixed(), [text])
    assert str(error.value).startswith(f"--enqueue {text}: ")
    assert fault in str(error.value)


def test_all_faults_come_at_once() -> None:
    """Of all points and all their parameters, and of a grid besides."""
    with pytest.raises(UsageError) as error:
        points(mixed(), ['{"eta": 2, "batch_size": 99}', "nonsense", '{"eta": 1, "batch_size": 20.0}'])
    assert len(str(error.value).splitlines()) == 3
    grid = study_file(space={"eta": {"option": "learning_rate", "values": [0.1, 0.2]}}, search={"sampler": "grid"})
    with pytest.raises(UsageError, match="a grid visits its own points"):
        points(grid, ['{"eta": 0.1}'])


def test_widths_are_lists_or_words() -> None:
    """A list of widths is the choice that the study file gives as a list."""
    spec = study_file(model={"name": "mlp"}, space={"hidden": {"choices": [32, [64, 32]]}})
    assert points(spec, ['{"hidden": [64, 32]}', '{"hidden": "64-32"}', '{"hidden": 32}']) == [
        {"hidden": "64-32"}, {"hidden": "64-32"}, {"hidden": 32},
    ]  # fmt: skip


def test_points_have_the_types_of_the_space() -> None:
    """1 is 1.0 to a float, 20.0 is 20 to a whole number."""
    (point,) = points(mixed(), ['{"eta": 1, "batch_size": 20.0}'])
    assert repr(point) == "{'eta': 1.0, 'batch_size': 20}"


def test_the_best_of_another_study_that_lies_in_the_box() -> None:
    """The best first, what is outside the box or the space left out, as are parameters that this study does not have."""
    spec = study_file()
    trials = [told(spec, place, {"eta": eta, "momentum": 0.5}, values=[0.9]) for place, eta in enumerate((0.9, 0.05, 0.1))]
    trial, point = best_inside(mixed(), {"eta": (0.07, 0.5)}, trials)
    assert (trial.number, point) == (2, {"eta": 0.1})
    with pytest.raises(UsageError, match=r"none of the 3 completed trials there lies in the box .* eta from 0.2 to 0.3, batch"):
        best_inside(mixed(), {"eta": (0.2, 0.3)}, trials)
    other = study_file(space={"nesterov": {"option": "l2", "low": 0.1, "high": 0.2}})
    with pytest.raises(UsageError, match="must share a parameter, got eta, momentum there and nesterov here"):
        best_inside(other, {}, trials)


def test_the_best_of_a_study_of_hpo_have_its_last_budget(stored: Make) -> None:
    """Completed trials of a shorter budget are left out; foreign studies give all of theirs."""
    stages = [{"name": "wide", "trials": 6, "budget": {"epochs": 3}}, {"name": "fine", "trials": 4}]
    study = stored(stage=stages)
    train(study)
    best = best_first(study.optuna, study.spec)
    assert {trial.number for trial in best} <= {6, 7, 8, 9}
    assert best[0].value == max(trial.value or 0 for trial in best)
    foreign = optuna.create_study(direction="minimize")
    with pytest.raises(UsageError, match="there must be a completed trial to start from"):
        best_first(foreign, None)
    foreign.optimize(lambda trial: trial.suggest_float("eta", 0.01, 1), n_trials=3)
    assert best_first(foreign, None)[0].value == foreign.best_value


def test_the_box_of_the_stage_that_asks_next(stored: Make) -> None:
    """That of the stage, once it has one; before it narrows, the box before it."""
    study = stored(
        stage=[{"name": "wide", "trials": 6, "box": {"eta": [0.01, 0.4]}}, {"name": "fine", "trials": 4, "narrow": {}}]
    )
    assert next_box(study) == {"eta": (0.01, 0.4)}
    train(study, trials=6)
    assert next_box(study) == {"eta": (0.01, 0.4)}
    train(study)
    assert next_box(study).keys() == {"eta", "momentum"}
