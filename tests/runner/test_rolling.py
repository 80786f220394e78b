"""Asynchronous runs: trials are asked as there is room for them; none is lost, none doubled, each is told once."""

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from optuna.trial import FrozenTrial

from hpo.attributes import asynchronous, cohort_of, outcome_of, same_as_of
from hpo.engines.processes import Processes
from hpo.errors import AllTrialsFailed, UsageError
from hpo.runner import StopRules, StoredStudy, load, trial_table_hash
from hpo.runner.enqueuing import enqueue
from hpo.runner.events import CohortAsked, Event, GroupStarted, RungStarted, TrialTold
from hpo.runner.judging import Judge
from hpo.storage import Leases, connect

from .conftest import WORK, train
from .test_crashes import check_consistency, crash, drive

Make = Callable[..., StoredStudy]

HALVING = {"pruner": "successive-halving"}
SEARCHES: dict[str, dict[str, Any]] = {
    "random": {"search": HALVING, "execution": {"lanes": 3, "groups": 2, "cohort": 8}},
    "tpe": {
        "search": {"sampler": "tpe", "sampler_options": {"n_startup_trials": 4}, "pruner": "median", "replicates": 2},
        "training": {"epochs": 4},
        "execution": {"lanes": 4, "groups": 2, "cohort": 4},
    },
    "grid": {
        "search": {"sampler": "grid"},
        "space": {"eta": {"option": "learning_rate", "values": [0.01, 0.02, 0.1]}, "momentum": {"values": [0.0, 0.5]}},
        "stage": [{"name": "wide", "trials": 6}, {"name": "narrow", "trials": 2, "box": {"eta": [0.01, 0.05]}}],
    },
}
ALONE = {"stage": [{"name": "wide", "trials": 10}], "execution": {"lanes": 1, "groups": 2, "cohort": 4}}
"""Networks that are trained each by itself, so that their values do not depend on which are trained beside them."""


def check_whole(study: StoredStudy) -> None:
    """Every stage has its trials, each told once, and nothing is left behind."""
    for stage in study.stages():
        assert (stage.asked, stage.told, stage.missing) == (stage.trials, stage.trials, 0)
    assert [trial.number for trial in study.trials()] == list(range(study.spec.trials))
    assert all(outcome_of(trial) for trial in study.trials())
    assert not study.folder.exists()
    assert Leases(study.database, study.identifier).of_others() == {}


@pytest.mark.parametrize("search", list(SEARCHES))
def test_a_study_runs_to_its_end(stored: Make, search: str) -> None:
    """Every stage gets its trials, in order and each marked, and a stage begins when the one before it has ended."""
    study = stored(**SEARCHES[search])
    told: list[Event] = []
    with Processes(2, WORK) as engine:
        summary = train(study, engine, asynchronous=True, display=told.append)
    assert summary.stopped == "done"
    check_whole(study)
    assert all(asynchronous(trial) for trial in study.trials())
    stages = [event.stage for event in told if isinstance(event, TrialTold)]
    assert stages == sorted(stages, reverse=True)
    assert not any(isinstance(event, RungStarted) for event in told)
    assert train(study, asynchronous=True).told == 0


def test_only_the_order_differs(stored: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing depends on the order, a random search without pruning, it has the table of any other run."""
    whole, study = stored(name="whole", **ALONE), stored(name="rolling", **ALONE)
    train(whole)
    monkeypatch.setenv("FAKE_SECONDS", "0.002")
    with Processes(2, WORK) as engine:
        train(study, engine, asynchronous=True)
    assert trial_table_hash(study.optuna) == trial_table_hash(whole.optuna)


def test_no_slot_waits(stored: Make) -> None:
    """A trial is asked whenever a slot is free, while others are under way: there is no end of a cohort to wait for."""
    study = stored(**ALONE)
    seen: list[Event] = []
    train(study, asynchronous=True, display=seen.append)
    asked = [event for event in seen if isinstance(event, CohortAsked)]
    assert len({event.cohort for event in asked}) == 1
    assert len(asked) == 10
    assert [event.under_way for event in seen if isinstance(event, GroupStarted)] == [1] * 10


def test_freed_lanes_are_filled_at_the_next_rung(stored: Make) -> None:
    """While there are trials to ask for, no group goes on with fewer lanes than fit: those of several groups are put together."""
    study = stored(search=HALVING, stage=[{"name": "wide", "trials": 32}], execution={"lanes": 2, "groups": 1, "cohort": 2})
    seen: list[Event] = []
    train(study, asynchronous=True, display=seen.append)
    groups = [event for event in seen if isinstance(event, GroupStarted)]
    last = max(place for place, event in enumerate(groups) if event.begin == 0)
    assert {(event.begin, event.lanes) for event in groups[:last]} == {(0, 2), (1, 2), (3, 2)}
    check_whole(study)


def test_pruning_goes_by_what_is_known(stored: Make) -> None:
    """About a third of the trials gets past each rung, and the best of all is not among those given up."""
    study = stored(search=HALVING, stage=[{"name": "wide", "trials": 30}], execution={"lanes": 1, "groups": 1, "cohort": 4})
    train(study, asynchronous=True)
    reached = Counter(trial.last_step for trial in study.trials() if outcome_of(trial) in ("pruned", "completed"))
    assert 5 <= reached[3] + reached[9] <= 20
    assert 2 <= reached[9] <= 8


def test_kills_lose_and_double_nothing(stored: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """Driver and workers killed again and again in mid-run: what was told stays told, and the study gets to its end."""
    study = stored(**{**ALONE, "search": {**HALVING, "replicates": 2}})
    monkeypatch.setenv("FAKE_SECONDS", "0.02")
    moments, trials = random.Random(3), []
    for _ in range(2):
        driver = drive(study, 2, "-", 1, "asynchronous")
        assert driver.stdout is not None
        assert driver.stdout.readline() == "begun\n"
        time.sleep(moments.uniform(0.1, 0.4))
        os.killpg(driver.pid, signal.SIGKILL)
        driver.communicate()
        trials = check_consistency(study, trials)
    monkeypatch.setenv("FAKE_SECONDS", "0")
    train(study, asynchronous=True)
    check_consistency(study, trials)
    check_whole(study)


@pytest.mark.parametrize("point", ["within the cohort's transaction", "after the last tell, before the commit"])
def test_a_crash_changes_no_result(stored: Make, point: str) -> None:
    """After a crash at a named point a trial goes on from its last rung, and has the values that it has without one."""
    sections = {**ALONE, "search": {"pruner": "threshold", "pruner_options": {"lower": 0.0}}, "training": {"epochs": 2}}
    whole, study = stored(name="whole", **sections), stored(name="crashed", **sections)
    train(whole)
    crash(study, point, 4, "asynchronous")
    trials = check_consistency(study, [])
    assert 0 < len(trials) < 10
    train(study, asynchronous=True)
    check_whole(study)
    assert trial_table_hash(study.optuna) == trial_table_hash(whole.optuna)


def test_any_run_finishes_what_is_open(stored: Make) -> None:
    """A run that is not asynchronous brings the open trials of one to their ends, and asks for cohorts from then on."""
    study = stored(**{**ALONE, "search": HALVING})
    told = 0

    def interrupt(event: Event) -> None:
        nonlocal told
        told += isinstance(event, TrialTold)
        if told == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(study, asynchronous=True, display=interrupt)
    there = len(study.trials())
    train(study)
    check_whole(study)
    assert [asynchronous(trial) for trial in study.trials()] == [True] * there + [False] * (10 - there)
    assert cohort_of(study.trials()[there]) == 1


def test_two_asynchronous_runs_share_a_study(stored: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two runs at once ask together for as many trials as the stages lack, and no more."""
    monkeypatch.setenv("FAKE_SECONDS", "0.002")
    study = stored(search=HALVING, execution={"lanes": 2, "groups": 2, "cohort": 4})
    again = [load(connect(study.database.address.url, "write"), study.name) for _ in range(2)]
    with ThreadPoolExecutor(2) as threads:
        told = list(threads.map(lambda driver: train(driver, asynchronous=True).told, again))
    assert sum(told) == 14
    check_whole(study)


def test_points_are_queued_in_mid_run(stored: Make) -> None:
    """A point that a user enqueues while the run goes on is the next that is asked for, in place of one of the sampler's."""
    study = stored(**ALONE)
    queued = {"eta": 0.05, "momentum": 0.25}

    def add(event: Event) -> None:
        if isinstance(event, TrialTold) and event.number == 3:
            other = load(connect(study.database.address.url, "write"), study.name)
            enqueue(other, [queued])
            other.database.close()

    train(study, asynchronous=True, display=add)
    check_whole(study)
    assert [trial.number for trial in study.trials() if trial.params == queued] == [4]


def test_a_point_is_trained_once(stored: Make) -> None:
    """A point that is drawn again, of a trial told or still open, gets that trial's result."""
    space = {"eta": {"option": "learning_rate", "choices": [0.01, 0.1]}, "momentum": {"choices": [0.0, 0.5]}}
    study = stored(space=space, stage=[{"name": "wide", "trials": 10}], execution={"lanes": 2, "groups": 1, "cohort": 2})
    train(study, asynchronous=True)
    check_whole(study)
    trained = [trial for trial in study.trials() if same_as_of(trial) is None]
    assert len(trained) == len({str(trial.params) for trial in study.trials()}) <= 4


@pytest.mark.parametrize("fault", ["error", "memory", "starved", "death"])
def test_a_bad_network_spoils_no_other(stored: Make, fault: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    """What fails, fails by itself; what does not fit is halved, and at last tried alone; a dead worker's job is done again."""
    (tmp_path / "marks").mkdir()
    name, value = {
        "error": ("FAKE_ERROR_BELOW", "0.01"),
        "memory": ("FAKE_MEMORY", "1"),
        "starved": ("FAKE_STARVED", str(tmp_path / "marks")),
        "death": ("FAKE_DEATHS", str(tmp_path / "mark")),
    }[fault]
    monkeypatch.setenv(name, value)
    study = stored(search=HALVING, execution={"lanes": 4, "groups": 2, "cohort": 8})
    with Processes(2, WORK) as engine:
        train(study, engine, asynchronous=True)
    check_whole(study)
    failed = {trial.number for trial in study.trials() if outcome_of(trial) == "error"}
    small = {trial.number for trial in study.trials() if trial.params["eta"] < 0.01}
    assert failed == (small if fault == "error" else set())


def test_failures_alone_end_a_run(stored: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """A study whose first trials all fail is not asked to its end."""
    monkeypatch.setenv("FAKE_ERROR_BELOW", "2")
    study = stored(**ALONE)
    with pytest.raises(AllTrialsFailed):
        train(study, asynchronous=True)
    assert len(study.trials()) == 1


def test_rules_and_numbers_stop_it(stored: Make) -> None:
    """It asks for no more trials than it was told to, and for none once a rule is broken; what is open is told."""
    study = stored(**{**ALONE, "stage": [{"name": "wide", "trials": 24}]})
    assert (train(study, asynchronous=True, trials=3).stopped, len(study.trials())) == ("trials", 3)
    assert train(study, asynchronous=True, rules=StopRules(no_better=5)).stopped == "no-better"
    assert 5 <= len(study.trials()) < 24
    assert all(outcome_of(trial) for trial in study.trials())


def test_some_searches_need_cohorts(stored: Make) -> None:
    """A sampler that must see its answers in order and a pruner that shares a cohort out are refused, both at once."""
    study = stored(search={"sampler": "cmaes", "pruner": "hyperband"})
    with pytest.raises(UsageError, match=r"(?s)random, grid, tpe or gp, got cmaes.*hyperband shares one out"):
        train(study, asynchronous=True)


def test_a_queued_point_that_was_tried_is_not_trained_again(stored: Make) -> None:
    """Even where the sampler itself never repeats one."""
    study = stored(**ALONE)

    def add(event: Event) -> None:
        if isinstance(event, TrialTold) and event.number == 3:
            study.optuna.enqueue_trial(study.trials()[1].params)

    train(study, asynchronous=True, display=add)
    check_whole(study)
    assert [same_as_of(trial) for trial in study.trials()[:6]] == [None] * 4 + [1, None]


def test_repeats_are_no_peers(stored: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pruner compares a trial with those that were trained, each of them once; and a repeat says itself how it was asked."""
    space = {"eta": {"option": "learning_rate", "choices": [0.01, 0.1]}, "momentum": {"choices": [0.0, 0.5]}}
    study = stored(space=space, search=HALVING, stage=[{"name": "wide", "trials": 12}], execution={"lanes": 1, "groups": 1})
    train(study, asynchronous=True, trials=6)
    seen: set[int] = set()
    add = Judge.add

    def watched(judge: Judge, trial: FrozenTrial) -> None:
        seen.add(trial.number)
        add(judge, trial)

    monkeypatch.setattr(Judge, "add", watched)
    train(study, asynchronous=True, trials=3)
    assert seen
    assert not seen & {trial.number for trial in study.trials() if same_as_of(trial) is not None}
    train(study)
    assert [asynchronous(trial) for trial in study.trials()] == [True] * 9 + [False] * 3
