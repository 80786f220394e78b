"""Rules that end a run."""

from collections.abc import Callable
from typing import Any

import pytest

from hpo.engines.processes import Processes
from hpo.errors import UsageError
from hpo.runner import StopRules, StoredStudy, trial_table_hash
from hpo.runner.stopping import since_best
from hpo.spec import StudySpec

from ..fakes.studies import study_file, told
from .conftest import WORK, train

Make = Callable[..., StoredStudy]

POINT = {"eta": 0.1, "momentum": 0.5}
COHORTS = {"execution": {"groups": 2, "cohort": 4}, "stage": [{"name": "wide", "trials": 40}]}


def losses(**sections: Any) -> StudySpec:
    """A study whose metric is better when lower."""
    return study_file(search={"metric": "validation_loss"}, **sections)


def test_a_target_ends_the_run_with_its_cohort(stored: Make) -> None:
    """Whole cohorts are trained until the value is reached; the next run with that rule asks for none, one without goes on."""
    free = stored(name="free", **COHORTS)
    train(free)
    target = sorted((trial.value or 0 for trial in free.trials()), reverse=True)[12]
    study = stored(**COHORTS)
    summary = train(study, rules=StopRules(until=target))
    first = min(trial.number for trial in free.trials() if (trial.value or 0) >= target)
    assert summary.stopped == "until"
    assert summary.told == 4 * (first // 4 + 1) < 40
    assert [trial.params for trial in study.trials()] == [trial.params for trial in free.trials()][: summary.told]
    assert train(study, rules=StopRules(until=target)).told == 0
    assert train(study).stopped == "done"
    assert trial_table_hash(study.optuna) == trial_table_hash(free.optuna)


def test_no_better_one_for_long_ends_the_run(stored: Make) -> None:
    """It stops at the first end of a cohort at which so many trials have brought no better one."""
    study = stored(**COHORTS)
    summary = train(study, rules=StopRules(no_better=6))
    assert summary.stopped == "no-better"
    values = [trial.value if trial.value is not None else -1 for trial in study.trials()]
    assert len(values) - 1 - values.index(max(values)) >= 6
    before = values[:-4]
    assert len(before) - 1 - before.index(max(before)) < 6


def test_rules_stop_at_the_same_place_whoever_works(stored: Make) -> None:
    """Two workers stop where one does."""
    hashes = []
    for name, engine in (("one", None), ("two", Processes(2, WORK))):
        study = stored(name=name, **COHORTS)
        train(study, engine, rules=StopRules(no_better=6))
        assert len(study.trials()) < 40
        hashes.append(trial_table_hash(study.optuna))
    assert hashes[0] == hashes[1]


@pytest.mark.parametrize(
    ("values", "expected"),
    [([], 0), ([0.1, 0.2, 0.3], 0), ([0.3, 0.2, 0.1], 2), ([0.3, 0.3], 1), ([None, None, None], 3), ([0.3, None, None], 2)],
)
def test_trials_since_the_best(values: list[float | None], expected: int) -> None:
    """An equal value is no better one; diverged trials count; where nothing completed, all count."""
    spec = study_file()
    trials = [
        told(spec, number, POINT, values=[value or 0.0], outcome="diverged" if value is None else "completed")
        for number, value in enumerate(values)
    ]
    assert since_best(spec, trials) == expected


def test_only_trials_of_one_budget_are_compared() -> None:
    """A stage with a longer budget begins to count anew."""
    stages = [{"name": "wide", "trials": 8, "budget": {"epochs": 2}}, {"name": "fine", "trials": 8}]
    spec = study_file(stage=stages)
    wide = [told(spec, number, POINT, values=[0.9 - number / 10]) for number in range(4)]
    fine = [told(spec, number, POINT, values=[0.5], stage="fine") for number in range(4, 6)]
    assert since_best(spec, wide) == 3
    assert since_best(spec, [*wide, *fine]) == 1


@pytest.mark.parametrize(
    ("spec", "rules", "more", "message"),
    [
        (study_file(), StopRules(until=52), None, r"above 0 and at most 1, got 52: for 52 % write 0\.52"),
        (study_file(), StopRules(until=-1), None, "at most 1, got -1"),
        (study_file(), StopRules(until=float("nan")), None, "at most 1, got nan"),
        (losses(), StopRules(until=0), None, "a validation_loss that can be reached, above 0, got 0"),
        (study_file(), StopRules(no_better=0), None, "at least 1, got 0"),
        (study_file(), StopRules(no_better=20), 5, "can never act: --trials 5 ends the run before; leave one of them out"),
        (study_file(), StopRules(until=2, no_better=-3), None, r"(?s)got 2.*got -3"),
    ],
)
def test_rules_that_cannot_act_are_mistakes(spec: StudySpec, rules: StopRules, more: int | None, message: str) -> None:
    """Each with the rule, the value and the way out, all at once."""
    with pytest.raises(UsageError, match=message):
        rules.check(spec, [], more)


def test_trials_told_before_count_for_the_check() -> None:
    """Five more are enough where fifteen without a better one are there already."""
    spec = study_file()
    trials = [told(spec, number, POINT, values=[0.5]) for number in range(16)]
    StopRules(no_better=20).check(spec, trials, 5)
    with pytest.raises(UsageError, match="there are 15 since the best one"):
        StopRules(no_better=20).check(spec, trials, 4)
