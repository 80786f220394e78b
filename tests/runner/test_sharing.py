"""Several drivers on one study: whatever their number, its trials are those of one driver; none is lost, none doubled."""

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from hpo.runner import StoredStudy, load, run, sharing, trial_table_hash
from hpo.runner.events import CohortAsked, Event, RungStarted, Waiting
from hpo.storage import Database, Lease, Leases, connect
from hpo.testing.postgresql import Server

from .conftest import WORK, cohorts, train
from .test_crashes import check_consistency, drive

Make = Callable[..., StoredStudy]

#: Cohorts that depend on nothing but their numbers, and cohorts that depend on those before them.
SEARCHES = {
    "random": {"pruner": "successive-halving"},
    "grid": {"sampler": "grid"},
    "tpe": {"sampler": "tpe", "sampler_options": {"n_startup_trials": 4}},
    "qmc": {"sampler": "qmc"},
    "median": {"pruner": "median", "pruner_options": {"n_startup_trials": 2}},
}

SPACE = {
    "eta": {"option": "learning_rate", "values": [0.001, 0.01, 0.02, 0.05, 0.1, 0.2]},
    "momentum": {"values": [0.0, 0.5, 0.9]},
}


def sections(search: str) -> dict[str, Any]:
    """See cohorts."""
    return cohorts(SEARCHES[search], SPACE)


def again(study: StoredStudy) -> StoredStudy:
    """The same study through a connection of its own."""
    return load(connect(study.database.address.url, "write"), study.name)


@pytest.mark.parametrize("search", list(SEARCHES))
def test_two_drivers_give_what_one_gives(stored: Make, search: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two drivers at once tell the trials that one driver would have told; both return when the study is done."""
    monkeypatch.setattr(sharing, "LOOKED_EVERY", 0.05)
    whole, study = stored(name="whole", **sections(search)), stored(name="shared", **sections(search))
    train(whole)
    monkeypatch.setenv("FAKE_SECONDS", "0.005")
    with ThreadPoolExecutor(2) as threads:
        told = list(threads.map(lambda driver: train(driver).told, [again(study), again(study)]))
    assert trial_table_hash(study.optuna) == trial_table_hash(whole.optuna)
    assert sum(told) == len(whole.trials())
    assert Leases(study.database, study.identifier).of_others() == {}


@pytest.mark.parametrize(("search", "waits"), [("random", False), ("tpe", True)])
def test_a_second_driver_works_or_waits(stored: Make, search: str, waits: bool) -> None:
    """Beside an open cohort another one is asked where it depends on no trial's end; else the driver says whom it waits for."""
    study = stored(**sections(search))
    seen: list[Event] = []
    first_may_go_on = threading.Event()

    def look_on(event: Event) -> None:
        seen.append(event)
        if isinstance(event, Waiting | CohortAsked):
            first_may_go_on.set()

    def hold(event: Event) -> None:
        if isinstance(event, RungStarted) and not second.is_alive() and not first_may_go_on.is_set():
            second.start()
            assert first_may_go_on.wait(60)

    second = threading.Thread(target=lambda: train(again(study), display=look_on))
    train(study, display=hold)
    second.join()
    (first,) = [event for event in seen if isinstance(event, Waiting | CohortAsked)][:1]
    assert isinstance(first, Waiting) == waits
    assert first.cohort == (0 if waits else 1)


def test_a_dead_drivers_cohort_is_taken_over(stored: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """A driver that waits for another one goes on with its cohort as soon as that is killed."""
    whole, study = stored(name="whole", **sections("tpe")), stored(name="shared", **sections("tpe"))
    train(whole)
    monkeypatch.setenv("FAKE_SECONDS", "30")
    driver = drive(study, 1)
    assert driver.stdout is not None
    assert driver.stdout.readline() == "begun\n"
    while not study.trials():
        pass
    monkeypatch.delenv("FAKE_SECONDS")

    def kill(event: Event) -> None:
        if isinstance(event, Waiting):
            assert event.process == driver.pid
            os.killpg(driver.pid, signal.SIGKILL)

    train(study, display=kill)
    driver.communicate()
    assert driver.returncode == -signal.SIGKILL
    assert trial_table_hash(study.optuna) == trial_table_hash(whole.optuna)


def test_a_driver_that_lost_its_lease_tells_nothing(stored: Make) -> None:
    """A driver whose cohort went to another machine drops what it has; after its silence, they are told once."""
    whole, study = stored(name="whole", **sections("tpe")), stored(name="shared", **sections("tpe"))
    train(whole)
    taken = False

    def take_away(event: Event) -> None:
        nonlocal taken
        if isinstance(event, RungStarted) and not taken:
            taken = True
            other = Leases(study.database, study.identifier)
            with other.alone():
                other._write({event.cohort: Lease("another", "host", "another machine", 1, "1", other._now() + 1)})

    seen: list[Event] = []
    train(study, display=lambda event: (seen.append(event), take_away(event))[0])
    assert any(isinstance(event, Waiting) for event in seen)
    assert trial_table_hash(study.optuna) == trial_table_hash(whole.optuna)


def work(url: str, name: str) -> None:
    """A driver in a process of its own."""
    from hpo.engines.serial import Serial

    from ..fakes.studies import images

    database = connect(url, "write")
    run(load(database, name), images(), Serial(WORK))
    database.close()


def together(study: StoredStudy, drivers: int) -> int:
    """Run a study with so many processes while this one reads on; the number of reads. Fails when a driver fails."""
    # Forked: Optuna is there already.
    context = multiprocessing.get_context("fork")
    study.database.close()
    processes = [context.Process(target=work, args=(study.database.address.url, study.name)) for _ in range(drivers)]
    for process in processes:
        process.start()
    reads, reader = 0, connect(study.database.address.url, "read")
    while any(process.is_alive() for process in processes):
        load(reader, study.name).trials()
        reads += 1
        time.sleep(0.02)
    reader.close()
    assert [process.exitcode for process in processes] == [0] * drivers
    return reads


MANY = {"search": SEARCHES["random"], "stage": [{"name": "wide", "trials": 24}], "execution": {"groups": 1, "cohort": 2}}


def test_eight_drivers_on_one_file(stored: Make) -> None:
    """Eight processes on one SQLite file and a reader: nothing lost, nothing doubled, never locked."""
    whole, study = stored(name="whole", **MANY), stored(name="shared", **MANY)
    train(whole)
    assert together(study, 8)
    assert len(check_consistency(study, [])) == 24
    assert trial_table_hash(study.optuna) == trial_table_hash(whole.optuna)


def test_drivers_on_postgresql(postgresql: Server, stored: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same holds on a PostgreSQL server."""
    from hpo.runner import create

    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    whole = stored(name="whole", **MANY)
    train(whole)
    database: Database = connect(postgresql.fresh(), "create")
    study = create(database, "shared", whole.spec)
    assert together(study, 3)
    assert trial_table_hash(study.optuna) == trial_table_hash(whole.optuna)
    database.close()
