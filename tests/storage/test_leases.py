"""Leases: a living owner keeps its cohort, a dead one's is free."""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import optuna
import psutil
import pytest

from hpo.storage import Database, Lease, LeaseLost, Leases, connect, leases
from hpo.storage.alive import alive, place, start_of

HOLDER = """
import os, sys, time
from hpo.storage import Leases, connect
leases = Leases(connect(sys.argv[1], "write"), int(sys.argv[2]))
with leases:
    with leases.alone():
        leases.take(3)
    print("held", flush=True)
    sys.stdin.readline()
"""


@pytest.fixture
def study(database: Database) -> int:
    """A study's key."""
    return database.get_study_id_from_name(optuna.create_study(storage=database, study_name="shared").study_name)


@pytest.fixture
def mine(database: Database, study: int) -> Iterator[Leases]:
    """The leases of a run of this process."""
    with Leases(database, study) as entered:
        yield entered


@pytest.fixture
def holder(database: Database, study: int) -> Iterator["subprocess.Popen[str]"]:
    """Another process, which holds cohort 3 until it is killed or gets a line."""
    command = [sys.executable, "-c", HOLDER, database.address.url, str(study)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2])
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.communicate()


def forge(database: Database, study: int, **changes: object) -> None:
    """A lease on cohort 3, of a run that is not this one."""
    here = Lease("another", "host", place(), os.getpid(), start_of(os.getpid()) or "", 0.0)
    writer = Leases(database, study)
    with writer.alone():
        writer._write({3: replace(here, **changes)})  # type: ignore[arg-type]  # named in each test


def now(database: Database, study: int) -> float:
    """The database's clock."""
    with database.transaction():
        return Leases(database, study)._now()


def test_living_owner_keeps_its_cohort(mine: Leases, holder: "subprocess.Popen[str]") -> None:
    """While a process lives, stopped or not, its cohort is its own; when it is killed, the cohort is free at once."""
    assert {number: lease.process for number, lease in mine.of_others().items()} == {3: holder.pid}
    psutil.Process(holder.pid).suspend()
    assert list(mine.of_others()) == [3]
    holder.kill()
    # Not waited for: a process that only waits to be buried is dead.
    os.waitid(os.P_PID, holder.pid, os.WEXITED | os.WNOWAIT)
    assert mine.of_others() == {}


def test_leases_are_given_back(mine: Leases, holder: "subprocess.Popen[str]") -> None:
    """A run that ends leaves none behind."""
    holder.communicate("end\n", timeout=30)
    with mine.alone():
        assert mine._read() == {}


def test_another_process_of_the_same_number_is_no_owner(mine: Leases, database: Database, study: int) -> None:
    """Numbers are given again: a process that started at another time is another one."""
    assert alive(os.getppid(), start_of(os.getppid()) or "")
    forge(database, study, process=os.getppid(), start="1")
    assert mine.of_others() == {}


def test_a_run_of_this_process_that_has_ended_is_no_owner(mine: Leases, database: Database, study: int) -> None:
    """A run that could not give its leases back does not hold up the next one of its process, which lives."""
    forge(database, study, expires=now(database, study) + 1000)
    assert mine.of_others() == {}


@pytest.mark.parametrize(("left", "lives"), [(30.0, True), (-1.0, False)])
def test_elsewhere_the_clock_decides(mine: Leases, database: Database, study: int, left: float, lives: bool) -> None:
    """Of a process on another machine only its lease tells: it lives until that runs out."""
    forge(database, study, place="another machine", expires=now(database, study) + left)
    assert (3 in mine.of_others()) == lives


def test_leases_are_renewed(database: Database, study: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A lease runs out later and later as long as its run goes on."""
    monkeypatch.setattr(leases, "RENEWED_AFTER", 0.01)
    with Leases(database, study) as run:
        with run.alone():
            run.take(3)
            first = run._read()[3].expires
        while True:
            with run.alone():
                if run._read()[3].expires > first:
                    break


def test_who_has_lost_a_lease_writes_nothing(mine: Leases, database: Database, study: int) -> None:
    """Writing about a cohort takes one's own lease on it, whatever the clocks say."""
    with mine.alone():
        mine.take(3)
    forge(database, study, place="another machine")
    with pytest.raises(LeaseLost), mine.held(3):
        pytest.fail("another driver holds it")
    with mine.alone():
        mine.take(3)
    with mine.held(3):
        database.set_study_user_attr(study, "written", True)
    mine.give_back(3)
    with pytest.raises(LeaseLost), mine.held(3):
        pytest.fail("it was given back")


def test_a_deleted_study_has_no_leases(mine: Leases, database: Database, study: int) -> None:
    """Nobody can be alone with a study that is gone."""
    database.delete_study(study)
    with pytest.raises(KeyError), mine.alone():
        pytest.fail("the study is gone")


def test_a_second_writer_waits(mine: Leases, database: Database, study: int) -> None:
    """Within `alone`, what was read stays true: another connection's write comes after it."""
    other = connect(database.address.url, "write")
    with mine.alone():
        mine.take(1)
        assert "hpo:leases" not in connect(database.address.url, "read").get_study_system_attrs(study)
    with Leases(other, study) as second:
        assert list(second.of_others()) == [1]
    other.close()
