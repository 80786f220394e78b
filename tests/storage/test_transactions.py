"""Transactions that hold many calls: all or nothing, for other processes too."""

import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import optuna
import pytest
from optuna.exceptions import StorageInternalError
from sqlalchemy import event

from hpo.errors import StorageError
from hpo.storage import Database, connect, explained


def names(database: Database) -> list[str]:
    """Study names as another connection sees them."""
    other = connect(database.address.url, "read")
    try:
        return sorted(optuna.get_all_study_names(other))
    finally:
        other.close()


def create(database: Database, name: str) -> optuna.Study:
    """A study with an attribute and a trial."""
    study = optuna.create_study(storage=database, study_name=name)
    study.set_user_attr("key", name)
    study.add_trial(optuna.create_trial(value=1.0))
    return study


def test_all_at_once(database: Database) -> None:
    """Writes become visible to others at the end of the transaction, and to the writer at once."""
    with database.transaction():
        study = create(database, "one")
        study.set_user_attr("key", "changed")
        assert study.user_attrs == {"key": "changed"}
        assert len(study.trials) == 1
        create(database, "two")
        assert names(database) == []
    assert names(database) == ["one", "two"]


@pytest.mark.parametrize("error", [ZeroDivisionError, KeyboardInterrupt, SystemExit])
def test_nothing_after_an_exception(database: Database, error: type[BaseException]) -> None:
    """An exception, of whatever kind, undoes all of the transaction, and the storage goes on working."""
    create(database, "before")
    with pytest.raises(error), database.transaction():
        create(database, "lost")
        raise error
    create(database, "after")
    assert names(database) == ["after", "before"]


@pytest.mark.parametrize("moment", ["before_commit", "after_commit"])
def test_an_interrupt_in_the_middle_stays_one(database: Database, moment: str) -> None:
    """Wherever in a commit a signal comes, it is what the caller sees, and the storage goes on working."""
    create(database, "before")

    def interrupt(*of: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), database.transaction():
        create(database, "cut off")
        event.listen(database.scoped_session(), moment, interrupt, once=True)
    create(database, "after")
    assert {"after", "before"} <= set(names(database))
    assert ("cut off" in names(database)) == (moment == "after_commit")


def test_inner_transaction_belongs_to_the_outer(database: Database) -> None:
    """What an inner transaction wrote is undone with the outer one."""
    with pytest.raises(ZeroDivisionError), database.transaction():
        with database.transaction():
            create(database, "inner")
        raise ZeroDivisionError
    assert names(database) == []


def test_failed_call_fails_the_transaction(database: Database) -> None:
    """After a call inside has failed, swallowing its error does not bring half of the transaction into the storage."""
    create(database, "taken")
    with pytest.raises(StorageInternalError), database.transaction():
        create(database, "half")
        with pytest.raises(optuna.exceptions.DuplicatedStudyError):
            create(database, "taken")
    assert names(database) == ["taken"]


def test_transactions_of_threads_are_their_own(database: Database) -> None:
    """While one thread is in a transaction, another one waits for it and then writes its own."""

    def write(name: str) -> None:
        with database.transaction():
            create(database, name)
            time.sleep(0.05)
        database.remove_session()

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(write, "abcd"))
    assert names(database) == ["a", "b", "c", "d"]


POP = """
import sys, optuna, warnings
from hpo.storage import connect
study = optuna.load_study(study_name="queue", storage=connect(sys.argv[1], "write"), sampler=optuna.samplers.RandomSampler())
for _ in range(12):
    print(study.ask().suggest_int("x", 0, 99))
"""


def test_writers_take_turns(empty: Path, tmp_path: Path) -> None:
    """Processes that take enqueued trials from one file get each of them once: no duplicate, no 'database is locked'."""
    url = f"sqlite:///{shutil.copy(empty, tmp_path / 'queue.db')}"
    database = connect(url, "write")
    study = optuna.create_study(storage=database, study_name="queue")
    for x in range(36):
        study.enqueue_trial({"x": x})
    database.close()
    command = [sys.executable, "-c", POP, url]
    takers = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]) for _ in range(3)]
    taken = [int(x) for taker in takers for x in taker.communicate(timeout=120)[0].split()]
    assert sorted(taken) == list(range(36))


def test_journal_and_sync(database: Database) -> None:
    """Connections write through a journal that this SQLite can be trusted with, and wait for the disk."""
    with database.engine.connect() as connection:
        journal = connection.exec_driver_sql("PRAGMA journal_mode").scalar_one()
        assert journal == ("wal" if database.engine.dialect.server_version_info >= (3, 51, 3) else "delete")  # type: ignore[operator]  # set once connected
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar_one() == 2


def test_errors_are_explained(database: Database) -> None:
    """What the database says about a full disk reaches the user as a message with the way out."""
    with database.engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
    with pytest.raises(StorageError, match="the disk is full: make room"), explained(database.address), database.transaction():
        with database.engine.connect() as connection:
            pass
        session = database.scoped_session()
        session.connection().exec_driver_sql(f"PRAGMA max_page_count = {pages}")
        for number in range(200):
            optuna.create_study(storage=database, study_name=f"{number} " + "x" * 400)
