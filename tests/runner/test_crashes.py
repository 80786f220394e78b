"""kill -9 at any moment: the next run goes on, and the trial table is that of a run that was never interrupted."""

import multiprocessing
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from optuna.trial import FrozenTrial

from hpo.runner import StoredStudy, load, trial_table_hash
from hpo.runner.events import Event
from hpo.storage import connect
from hpo.testing.crashes import POINTS

from .conftest import FAKES, train

Make = Callable[..., StoredStudy]

DRIVER = FAKES / "crashing_driver.py"

SEARCHES = {
    "random, halving": {"pruner": "successive-halving"},
    "TPE, median, two replicates": {
        "sampler": "tpe",
        "sampler_options": {"n_startup_trials": 4},
        "pruner": "median",
        "pruner_options": {"n_startup_trials": 2},
        "replicates": 2,
    },
}


def drive(study: StoredStudy, workers: int | str, point: str = "-", occurrence: int = 1, *more: str) -> "subprocess.Popen[str]":
    """A driver in a process group of its own."""
    arguments = [study.database.address.url, study.name, str(workers), point, str(occurrence), *more]
    root = Path(__file__).parents[2]
    environment = {**os.environ, "PYTHONPATH": f"{root}{os.pathsep}{FAKES}"}
    return subprocess.Popen(
        [sys.executable, str(DRIVER), *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment,
        process_group=0,
    )  # fmt: skip


def crash(study: StoredStudy, point: str, occurrence: int = 1, *mode: str) -> None:
    """A driver that trains in its own process until it passes a point. Forked: Optuna is there already."""
    study.database.close()
    arguments = (study.database.address.url, study.name, point, str(occurrence), *mode)
    driver = multiprocessing.get_context("fork").Process(target=_in_its_own_group, args=arguments)
    driver.start()
    driver.join(60)
    assert driver.exitcode == -signal.SIGKILL, f"{point} was not passed"


def _in_its_own_group(url: str, name: str, point: str, occurrence: str, *mode: str) -> None:
    from crashing_driver import carry_on

    os.setpgid(0, 0)
    carry_on(url, name, "0", point, occurrence, *mode)


def check_consistency(study: StoredStudy, before: list[FrozenTrial]) -> list[FrozenTrial]:
    """The database is sound, no trial is lost or doubled, and what was told stays told. Returns its trials."""
    file = study.database.address.file
    assert file is not None
    connection = sqlite3.connect(file)
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    connection.close()
    database = connect(study.database.address.url, "read")
    trials = load(database, study.name).trials()
    database.close()
    assert [trial.number for trial in trials] == list(range(len(trials)))
    finished = [trial for trial in before if trial.state.is_finished()]
    assert [trial for trial in trials if trial.number in {old.number for old in finished}] == finished
    assert [trial.params for trial in trials[: len(before)]] == [trial.params for trial in before]
    return trials


@pytest.mark.slow
@pytest.mark.parametrize("search", list(SEARCHES))
def test_crash_at_every_point(stored: Make, search: str) -> None:
    """One study survives a crash at every named point, one after the other, and ends as if there had been none."""
    sections = {
        "search": SEARCHES[search],
        "stage": [{"name": "wide", "trials": 22}, {"name": "narrow", "trials": 6, "narrow": {"keep": 3}}],
    }
    sections["execution"] = {"groups": 2, "cohort": 5}
    whole, study = stored(name="whole", **sections), stored(name="crashed", **sections)
    train(whole)
    trials: list[FrozenTrial] = []
    for occurrence, point in enumerate(POINTS):
        crash(study, point, 1 + occurrence % 2)
        trials = check_consistency(study, trials)
    output, errors = drive(study, 0).communicate(timeout=60)
    assert output.split() == ["begun", trial_table_hash(whole.optuna)], errors
    check_consistency(study, trials)
    assert not study.folder.exists()


@pytest.mark.slow
def test_kills_at_random_moments(stored: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """Driver and workers killed together, in the middle of their jobs, as often as it takes: the table stays the same."""
    sections = {
        "search": SEARCHES["random, halving"],
        "stage": [{"name": "wide", "trials": 30}],
        "execution": {"cohort": 10, "groups": 3},
    }
    whole, study = stored(name="whole", **sections), stored(name="killed", **sections)
    train(whole)
    monkeypatch.setenv("FAKE_SECONDS", "0.03")
    moments = random.Random(7)
    trials: list[FrozenTrial] = []
    kills = 0
    # On a busy machine some drivers are killed before they have asked anything, on a quick one the last gets to the end.
    while kills < 6 or not trials:
        driver = drive(study, 2)
        assert driver.stdout is not None
        assert driver.stdout.readline() == "begun\n"
        time.sleep(moments.uniform(0.0, 0.5))
        os.killpg(driver.pid, signal.SIGKILL)
        driver.communicate()
        kills += 1
        trials = check_consistency(study, trials)
    output, errors = drive(study, 2).communicate(timeout=60)
    assert output.split() == ["begun", trial_table_hash(whole.optuna)], errors


@pytest.mark.parametrize("stop", [KeyboardInterrupt, SystemExit])
def test_interrupted_at_every_event(stored: Make, stop: type[BaseException]) -> None:
    """A run that is stopped at each of its events in turn, again and again, ends with the table of one that was not."""
    sections = {"search": SEARCHES["random, halving"], "execution": {"cohort": 4, "groups": 2}}
    whole, study = stored(name="whole", **sections), stored(name="stopped", **sections)
    events: list[Event] = []
    train(whole, display=events.append)
    for count in range(len(events)):
        heard = 0

        def interrupt(event: Event, last: int = 5 + count % 11) -> None:
            nonlocal heard
            heard += 1
            if heard == last:
                raise stop

        try:
            train(study, display=interrupt)
            break
        except stop:
            continue
    else:
        pytest.fail("the study made no way")
    assert trial_table_hash(study.optuna) == trial_table_hash(whole.optuna)


def test_timeout_stops_and_loses_nothing(stored: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that is out of time stops within an epoch, says so, and the next one goes on."""
    whole, study = stored(name="whole"), stored(name="timed")
    train(whole)
    monkeypatch.setenv("FAKE_SECONDS", "0.02")
    began = time.monotonic()
    assert train(study, timeout=0.1).stopped == "timeout"
    assert time.monotonic() - began < 2
    assert study.missing() == 14
    monkeypatch.delenv("FAKE_SECONDS")
    assert train(study).stopped == "done"
    assert trial_table_hash(study.optuna) == trial_table_hash(whole.optuna)


def test_lost_checkpoints_are_made_again(stored: Make) -> None:
    """Open trials whose files are gone, as on another machine, are trained again from scratch: same points, equal values."""
    sections = {"search": SEARCHES["random, halving"]}
    whole, study = stored(name="whole", **sections), stored(name="lost", **sections)
    train(whole)
    rungs = 0

    def interrupt(event: Event) -> None:
        nonlocal rungs
        rungs += type(event).__name__ == "RungDone"
        if rungs == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(study, display=interrupt)
    assert study.folder.is_dir()
    shutil.rmtree(study.folder)
    train(study)
    for found, expected in zip(study.trials(), whole.trials(), strict=True):
        assert (found.params, found.state) == (expected.params, expected.state)
        assert found.value == pytest.approx(expected.value, rel=1e-9)


def test_what_a_crash_left_behind_is_removed(stored: Make) -> None:
    """Checkpoints of trials that are told, left by a crash right after their last report, go with the next run."""
    study = stored(search=SEARCHES["random, halving"])
    crash(study, "after the report")
    left = {file.name for file in study.folder.iterdir()}
    told = {trial.number for trial in study.trials() if trial.state.is_finished()}
    assert any(f"trial-{number:06}" in name for number in told for name in left)
    with pytest.raises(KeyboardInterrupt):
        train(study, display=_interrupt)
    assert not any(f"trial-{number:06}" in name.name for number in told for name in study.folder.iterdir())
    train(study)
    assert not study.folder.exists()


def _interrupt(event: Event) -> None:
    raise KeyboardInterrupt
