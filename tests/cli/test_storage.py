"""`hpo storage`: check, backup, upgrade."""

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import optuna
import pytest

from hpo.runner import create, load
from hpo.storage import connect

from ..fakes.studies import images, study_file
from .conftest import Call

FAKES = Path(__file__).parents[1] / "fakes"


@pytest.fixture
def filled(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """hpo.db with a study that was cut off in its second cohort, and one of another program."""
    from hpo.engines.serial import Serial
    from hpo.runner import run
    from hpo.runner.events import CohortAsked, Event

    monkeypatch.syspath_prepend(str(FAKES))

    def cut_off(event: Event) -> None:
        if isinstance(event, CohortAsked) and event.cohort == 1:
            raise KeyboardInterrupt

    database = connect("sqlite:///hpo.db", "create")
    study = create(database, "half", study_file(execution={"cohort": 4, "groups": 2}))
    with pytest.raises(KeyboardInterrupt):
        run(study, images(), Serial("fake_training:run"), display=cut_off)
    optuna.create_study(storage=database, study_name="theirs")
    database.close()
    return folder / "hpo.db"


def test_a_sound_storage(filled: Path, hpo: Call) -> None:
    """What is good to know is said, and is no fault."""
    code, out, err = hpo("storage", "check")
    assert (code, err) == (0, "sqlite:///hpo.db is sound; studies: 2\n")
    assert out.splitlines() == [
        "half: 4 open trials of a run that was cut off: hpo study run half",
        "theirs: study 'theirs' was not made by hpo and has no study file, which this needs: "
        "`hpo study show`, `trials`, `export`, `report` and `hpo plot` take it as it is",
    ]
    found = json.loads(hpo("storage", "check", "--json").out)
    assert (found["good"], found["faults"], len(found["studies"])) == (True, [], 2)


BREAKING = {
    "'hpo:outcome' of trial": "UPDATE trial_user_attributes SET value_json = '{' WHERE key = 'hpo:outcome' AND trial_id = 1",
    "without an outcome": "DELETE FROM trial_user_attributes WHERE key = 'hpo:outcome' AND trial_id = 2",
    "without a gap": "UPDATE trials SET number = 90 WHERE trial_id = 3",
    "belongs to nothing": "INSERT INTO trial_values VALUES (99, 4711, 0, 0.5, 'FINITE')",
    "half: half: 1 fault": "UPDATE study_user_attributes SET value_json = replace(value_json, '\"epochs\"', '\"epohcs\"')",
    "half: cannot be read": "UPDATE study_user_attributes SET value_json = '[]' WHERE key = 'hpo:spec'",
}


@pytest.mark.parametrize("fault", list(BREAKING))
def test_faults_are_found(fault: str, filled: Path, hpo: Call) -> None:
    """Whatever is broken in a storage is named, with exit code 5 and no traceback."""
    with closing(sqlite3.connect(filled)) as connection:
        connection.execute(BREAKING[fault])
        connection.commit()
    code, out, err = hpo("storage", "check")
    assert code == 5
    assert fault in out
    assert err.startswith("error: storage sqlite:///hpo.db has ")


def test_a_damaged_file_is_found(filled: Path, hpo: Call) -> None:
    """A page of noise in the middle of the file is a message, not a traceback."""
    content = bytearray(filled.read_bytes())
    content[40_000:44_096] = os.urandom(4096)
    filled.write_bytes(content)
    done = hpo("storage", "check")
    assert done.code == 5
    assert "Traceback" not in done.err


def test_backup_is_the_same(filled: Path, hpo: Call, folder: Path) -> None:
    """A copy holds the same studies, replaces no file, leaves nothing else behind, and is named after the time by default."""
    assert hpo("storage", "backup", "-o", "copy.db") == (0, "", "wrote copy.db\n")
    shown = hpo("study", "show", "half").out.replace("hpo study run ", "hpo study run --storage sqlite:///copy.db ")
    assert hpo("study", "show", "half", "--storage", "sqlite:///copy.db").out == shown
    assert hpo("storage", "backup", "-o", "copy.db").code == 2
    assert hpo("storage", "backup", "-o", "no/such/copy.db").code == 5
    assert hpo("storage", "backup").code == 0
    assert len(list(folder.glob("hpo.2*.backup.db"))) == 1
    assert not [path.name for path in folder.iterdir() if path.name.startswith(".")]


def test_backup_while_others_write(filled: Path, hpo: Call) -> None:
    """A copy that is made while a writer goes on is one whole state."""
    writer = """
import sqlite3, sys
connection = sqlite3.connect("hpo.db", timeout=60)
connection.execute("CREATE TABLE pairs (first, second)")
print("ready", flush=True)
for number in range(100_000):
    with connection:
        connection.execute("INSERT INTO pairs VALUES (?, NULL)", (number,))
        connection.execute("UPDATE pairs SET second = first WHERE second IS NULL")
"""
    with subprocess.Popen([sys.executable, "-c", writer], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        for name in ("one.db", "two.db"):
            assert hpo("storage", "backup", "-o", name).code == 0
            with closing(sqlite3.connect(name)) as copy:
                assert copy.execute("SELECT COUNT(*) FROM pairs WHERE second IS NOT first").fetchone() == (0,)
        process.kill()


def older(file: Path) -> None:
    """Take back the last migration of Optuna's tables: an index."""
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("DROP INDEX ix_trials_study_id")
        connection.execute("UPDATE alembic_version SET version_num = 'v3.0.0.d'")
        connection.commit()


def test_upgrade(filled: Path, command: Call, folder: Path) -> None:
    """The storage of an older Optuna is refused with the command that mends it, which makes a backup and keeps every trial."""
    before = [trial.params for trial in load(connect("sqlite:///hpo.db", "read"), "half").trials()]
    older(filled)
    refused = command("study", "list")
    assert (refused.code, "`hpo storage upgrade` brings it up to date" in refused.err) == (5, True)
    done = command("storage", "upgrade")
    (kept,) = folder.glob("hpo.2*.backup.db")
    assert done == (0, "", f"upgraded from v3.0.0.d to v3.2.0.a; before: {kept}\n")
    assert [trial.params for trial in load(connect("sqlite:///hpo.db", "read"), "half").trials()] == before
    assert command("storage", "upgrade").err == "up to date: v3.2.0.a\n"


def test_a_later_version_is_refused(filled: Path, hpo: Call) -> None:
    """The storage of a later Optuna is left as it is, with the way out."""
    with closing(sqlite3.connect(filled)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = 'v9.0.0.a'")
        connection.commit()
    for line in (("storage", "upgrade"), ("study", "list")):
        done = hpo(*line)
        assert (done.code, "pip install --upgrade optuna" in done.err) == (5, True)


@pytest.mark.parametrize("verb", ["check", "backup", "upgrade"])
def test_no_storage_is_told(verb: str, hpo: Call, folder: Path) -> None:
    """Where there is nothing to look after, nothing is made."""
    assert hpo("storage", verb).code == 3
    assert not list(folder.iterdir())


@pytest.mark.parametrize("target", ["hpo.db/copy.db", "none/copy.db", "x" * 300])
def test_a_backup_that_cannot_be_written(filled: Path, hpo: Call, target: str) -> None:
    """A path that leads through a file or nowhere, or is too long, is a message with the way out."""
    code, out, err = hpo("storage", "backup", "-o", target)
    assert (code, out) == (5, "")
    assert err.startswith(f"error: the backup must be written, got '{target}': ")
    assert err.endswith("name another with -o\n")
    assert [file.name for file in filled.parent.glob("*.db*")] == ["hpo.db"]
