"""Storages that are damaged, deleted from, moved or replaced under a command: a sentence with the way out, never a traceback."""

import json
import os
import random
import re
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import optuna
import pytest
from sqlalchemy import Connection, event
from sqlalchemy.engine import Engine

from hpo.cli import main
from hpo.errors import StorageError
from hpo.storage import database

from .conftest import SMALL, Call

RUN = ("study", "run", "cifar-bn", *SMALL, "--engine", "serial")
READING = [
    ("study", "show", "cifar-bn"),
    ("study", "trials", "cifar-bn"),
    ("study", "list"),
    ("study", "report", "cifar-bn", "-o", "report.md"),
    ("study", "run", "cifar-bn", "--trials", "1", "--engine", "serial"),
    ("study", "confirm", "cifar-bn", "--engine", "serial"),
    ("dashboard", "--port", "0"),
]


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A storage with a study that is done."""
    folder, before = tmp_path_factory.mktemp("finished"), Path.cwd()
    os.chdir(folder)
    try:
        assert main([*RUN]) == 0
    finally:
        os.chdir(before)
    return folder / "hpo.db"


DAMAGE = {
    "a trial's attribute": "UPDATE trial_user_attributes SET value_json = '{' WHERE key LIKE '%outcome' AND trial_id = 1",
    "the study file": "UPDATE study_user_attributes SET value_json = '{\"version' WHERE key = 'hpo:spec'",
    "a distribution": "UPDATE trial_params SET distribution_json = replace(distribution_json, '\"name\"', '\"nbme\"')",
    "a state": "UPDATE trials SET state = 'COMPLEUE' WHERE trial_id = 1",
    "text that is none": "UPDATE trial_params SET param_name = CAST(x'e1ff' AS TEXT) || param_name",
    "a date": "UPDATE trials SET datetime_start = 'yesterday' WHERE trial_id = 1",
    "a value's kind": "UPDATE trial_values SET value_type = 'FINIUE'",
}


@pytest.mark.parametrize("line", READING, ids=lambda line: " ".join(line[:2]))
@pytest.mark.parametrize("what", DAMAGE)
def test_what_a_database_holds_is_damaged(what: str, line: tuple[str, ...], finished: Path, folder: Path, hpo: Call) -> None:
    """Rows that nobody can read: exit code 5, where the fault is, and how to go back or save the rest."""
    shutil.copy(finished, folder)
    with closing(sqlite3.connect("hpo.db")) as connection:
        connection.execute(DAMAGE[what])
        connection.commit()
    if line[:2] == ("study", "list") and what not in ("the study file", "a value's kind"):
        pytest.skip("it does not read these rows")
    code, _, err = hpo(*line)
    assert code == 5
    assert err.splitlines()[-1].startswith("error: storage sqlite:///hpo.db")
    assert "restore a copy of it" in err
    assert ".recover" in err


@pytest.mark.parametrize("seed", range(8))
def test_bits_are_flipped(seed: int, finished: Path, folder: Path, hpo: Call) -> None:
    """Anywhere in the file: each command works, or fails with a message. What cannot be seen by the database may pass."""
    chance, content = random.Random(seed), bytearray(finished.read_bytes())
    used = [place for place in range(0 if seed % 4 == 0 else 4096, len(content)) if content[place]]
    for _ in range(chance.choice([1, 20, 200])):
        content[chance.choice(used)] ^= 1 << chance.randrange(8)
    Path("hpo.db").write_bytes(content)
    for line in READING[:5]:
        code, _, err = hpo(*line)
        assert code in (0, 2, 3, 5)
        assert "Traceback" not in err
        assert code == 0 or err


def test_a_bug_is_no_damage(finished: Path, folder: Path, hpo: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    """Over a sound storage, an error of ours keeps its traceback; with --debug a damaged one shows it too."""
    from hpo import runner

    shutil.copy(finished, folder)
    with monkeypatch.context() as patched, pytest.raises(ZeroDivisionError):
        patched.setattr(runner, "load", lambda *_: 1 / 0)
        hpo("study", "trials", "cifar-bn")
    with closing(sqlite3.connect("hpo.db")) as connection:
        connection.execute(DAMAGE["the study file"])
        connection.commit()
    assert "JSONDecodeError" in hpo("study", "trials", "cifar-bn", "--debug").err


@pytest.fixture
def strike(monkeypatch: pytest.MonkeyPatch) -> Callable[[int, Callable[[], object]], list[int]]:
    """Arrange that something is done when the storage's transaction of that number begins; counts them."""

    def arrange(number: int, what: Callable[[], object]) -> list[int]:
        count, watch = [0], database.watch

        def watched(engine: Engine, *others: object) -> None:
            def strike(connection: Connection) -> None:
                count[0] += 1
                if count[0] == number:
                    what()

            event.listen(engine, "begin", strike)
            watch(engine, *others)  # type: ignore[arg-type]  # Whatever it is given.

        monkeypatch.setattr(database, "watch", watched)
        return count

    return arrange


def delete_with_optuna() -> None:
    """As a script does that knows nothing of hpo."""
    storage = optuna.storages.RDBStorage("sqlite:///hpo.db")
    optuna.delete_study(study_name="cifar-bn", storage=storage)
    storage.engine.dispose()


def replace() -> None:
    """By another storage."""
    optuna.create_study(study_name="theirs", storage="sqlite:///new.db")
    os.replace("new.db", "hpo.db")


def replace_by_its_copy() -> None:
    """As a backup is restored."""
    shutil.copy("hpo.db", "copy.db")
    os.replace("copy.db", "hpo.db")


def replace_by_text() -> None:
    """By no database at all."""
    Path("new.txt").write_text("text " * 1000)
    os.replace("new.txt", "hpo.db")


def remove() -> None:
    """The file."""
    Path("hpo.db").unlink()


def move() -> None:
    """The file."""
    Path("hpo.db").rename("moved.db")


REPLACED = "its file was replaced by another while it was in use: put the earlier one back"
GONE = "its file was moved or deleted while it was in use: put it back"
DELETED = r"study 'cifar-bn' was deleted while it ran|a study of \S+ was deleted while it was in use|no study 'cifar-bn'"


@pytest.mark.parametrize("share", [0.15, 0.3, 0.45, 0.6, 0.7, 0.99])
def test_deleted_in_mid_run(share: float, hpo: Call, strike: Callable[..., list[int]]) -> None:
    """A study that stock Optuna deletes under a run, at any moment, is told as that."""
    assert hpo("study", "create", "cifar-bn", *SMALL).code == 0
    strike(round(share * 40), delete_with_optuna)
    code, _, err = hpo("study", "run", "cifar-bn", "--engine", "serial")
    assert code == 3
    assert re.search(DELETED, err)


@pytest.mark.parametrize("number", [11, 24])
@pytest.mark.parametrize(
    ("what", "told"),
    [(replace, REPLACED), (replace_by_its_copy, REPLACED), (replace_by_text, REPLACED), (remove, GONE), (move, GONE)],
)
def test_the_file_does_not_stay(
    number: int, what: Callable[[], None], told: str, hpo: Call, strike: Callable[..., list[int]]
) -> None:
    """A file that is replaced, removed or moved under a run is told as that, and not as one that may not be written."""
    assert hpo("study", "create", "cifar-bn", *SMALL).code == 0
    strike(number, what)
    code, _, err = hpo("study", "run", "cifar-bn", "--engine", "serial")
    assert code == 5
    assert told in err
    if what is move:
        Path("moved.db").rename("hpo.db")
        assert hpo("study", "run", "cifar-bn", "--engine", "serial").code == 0


def test_removed_once_the_trials_are_told(hpo: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that goes while the report is made is told as that: nobody is told that the trials are stored."""
    from hpo import report

    def left(*_: object) -> None:
        remove()
        raise StorageError("no place")

    monkeypatch.setattr(report, "leave", left)
    code, _, err = hpo(*RUN)
    assert code == 5
    assert GONE in err
    assert "the trials are stored" not in err


def test_overwritten_by_another_study_of_that_name(finished: Path, hpo: Call, strike: Callable[..., list[int]]) -> None:
    """The run does not go on with it."""
    assert hpo("study", "create", "cifar-bn", *SMALL, "--set", "seed=7").code == 0
    strike(20, lambda: Path("hpo.db").write_bytes(finished.read_bytes()))
    code, _, err = hpo("study", "run", "cifar-bn", "--engine", "serial")
    assert code == 3
    assert "was deleted while it ran, or its storage replaced" in err
    assert len(json.loads(hpo("study", "trials", "cifar-bn", "--format", "json").out)["trials"]) == 4
