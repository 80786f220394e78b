"""Opening storages: what is made, what is refused, and in which words."""

import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import optuna
import pytest

from hpo.errors import HpoError, NotFound, StorageError
from hpo.storage import Mode, connect, hidden
from hpo.storage.address import parse


@pytest.mark.parametrize("name", ["hpo.db", "with space.db", "brace{x}.db", "percent%20.db", "ü.db", "noending"])
def test_any_file_name_works(name: str, tmp_path: Path) -> None:
    """A storage is found again under the name that it was made with, whatever is in it."""
    made = connect(f"sqlite:///{tmp_path}/{name}", "create")
    optuna.create_study(storage=made, study_name="kept")
    made.close()
    read = connect(f"sqlite:///{tmp_path}/{name}", "read")
    assert optuna.get_all_study_names(read) == ["kept"]
    read.close()
    assert len(os.listdir(tmp_path)) == 1


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("", "a storage is a URL such as sqlite:///hpo.db, got ''"),
        ("hpo.db", "write sqlite:///hpo.db"),
        ("sqlite://", "must outlive the process"),
        ("sqlite:///", "must outlive the process"),
        ("sqlite:///:memory:", "must outlive the process"),
        ("sqlite:///file:hpo.db?uri=true", "a plain path"),
        ("sqlite:///nul\0.db", "no NUL"),
        ("sqlite+aiosqlite:///hpo.db", "one of mariadb, mysql, postgresql or sqlite"),
        ("redis://localhost", "one of mariadb, mysql, postgresql or sqlite"),
        ("postgresql+nodriver://u:secret@host/db", "leave '+driver' out"),
        ("sqlite:////no/such/folder/hpo.db", "no folder '/no/such/folder'"),
    ],
)
@pytest.mark.parametrize("mode", ["create"])
def test_unusable_url_is_explained(url: str, message: str, mode: Mode) -> None:
    """A URL that cannot be used is refused with the rule, the value and the way out, without its password."""
    with pytest.raises(StorageError) as caught:
        connect(url, mode)
    assert message in str(caught.value)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("mode", ["read", "write"])
def test_nothing_is_made_to_be_read(mode: Mode, tmp_path: Path) -> None:
    """Reading or changing a storage that is not there says so, and leaves no file behind."""
    with pytest.raises(NotFound, match=r"no storage at .* yet"):
        connect(f"sqlite:///{tmp_path}/hpo.db", mode)
    assert os.listdir(tmp_path) == []


def test_empty_file_becomes_a_storage(tmp_path: Path) -> None:
    """A file of no bytes, such as a temporary one, is filled; for reading it holds nothing."""
    (tmp_path / "hpo.db").touch()
    with pytest.raises(NotFound, match="holds no studies yet"):
        connect(f"sqlite:///{tmp_path}/hpo.db", "read")
    made = connect(f"sqlite:///{tmp_path}/hpo.db", "create")
    assert optuna.get_all_study_names(made) == []
    made.close()


@pytest.mark.parametrize("mode", ["read", "write", "create"])
def test_other_files_are_left_alone(mode: Mode, tmp_path: Path) -> None:
    """Text, folders and databases of other programs are refused and stay as they are."""
    text, folder, foreign = tmp_path / "text.db", tmp_path / "folder.db", tmp_path / "foreign.db"
    text.write_text("a diary\n" * 300)
    folder.mkdir()
    connection = sqlite3.connect(foreign)
    connection.execute("CREATE TABLE recipes (name)")
    connection.close()
    before = foreign.read_bytes()
    for file, message in ((text, "another kind"), (folder, "is a folder"), (foreign, "'recipes'")):
        with pytest.raises(StorageError, match=message):
            connect(f"sqlite:///{file}", mode)
    assert text.read_text().startswith("a diary")
    assert foreign.read_bytes() == before


def test_damaged_schema_is_explained(empty: Path, tmp_path: Path) -> None:
    """A storage of another version of Optuna is refused with the command that mends it."""
    file = shutil.copy(empty, tmp_path / "old.db")
    connection = sqlite3.connect(file)
    connection.execute("UPDATE alembic_version SET version_num = 'v2.6.0.a'")
    connection.commit()
    connection.close()
    with pytest.raises(StorageError, match="hpo storage upgrade"):
        connect(f"sqlite:///{file}", "read")


def test_reading_does_not_write(empty: Path, tmp_path: Path) -> None:
    """A storage opened for reading can be read while it may not be written, and refuses to change."""
    file = Path(shutil.copy(empty, tmp_path / "hpo.db"))
    holder = sqlite3.connect(file, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    database = connect(f"sqlite:///{file}", "read")
    assert optuna.get_all_study_names(database) == []
    with pytest.raises(optuna.exceptions.StorageInternalError):
        optuna.create_study(storage=database)
    database.close()
    holder.close()


CREATE = """
import sys
from hpo.storage import connect
import optuna
sys.stdin.readline()
database = connect(sys.argv[1], "create")
optuna.create_study(storage=database, study_name=sys.argv[2])
"""


def test_many_make_one_storage(tmp_path: Path) -> None:
    """Processes that make the same storage at once end up with one, and each finds its study in it."""
    url = f"sqlite:///{tmp_path}/hpo.db"
    makers = [
        subprocess.Popen([sys.executable, "-c", CREATE, url, f"study {i}"], stdin=subprocess.PIPE, cwd=Path(__file__).parents[2])
        for i in range(3)
    ]
    for maker in makers:
        maker.communicate(b"go\n", timeout=60)
    assert [maker.returncode for maker in makers] == [0, 0, 0]
    database = connect(url, "read")
    assert sorted(optuna.get_all_study_names(database)) == ["study 0", "study 1", "study 2"]
    database.close()
    assert os.listdir(tmp_path) == ["hpo.db"]


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://me:secret@host/db", "postgresql://me:***@host/db"),
        ("postgresql://me:sec/ret@@host/db", "postgresql://me:***@host/db"),
        ("mysql+pymysql://host/db?password=secret&charset=utf8", "mysql+pymysql://host/db?password=***&charset=utf8"),
        ("sqlite:///a:b@c.db", "sqlite:///a:b@c.db"),
        ("postgresql://host/db", "postgresql://host/db"),
    ],
)
def test_password_is_hidden(url: str, shown: str) -> None:
    """What is shown of a URL is all but its password."""
    assert hidden(url) == shown


def test_address_never_prints_its_password() -> None:
    """Neither str nor repr of a parsed address gives the password away."""
    address = parse("postgresql://me:secret@host/db")
    assert "secret" not in f"{address} {address!r}"


def test_files_lie_beside_the_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The files of a SQLite storage are named after it; those of a server are among the user's data."""
    monkeypatch.chdir(tmp_path)
    assert parse("sqlite:///hpo.db").folder == tmp_path / "hpo.files"
    assert parse("postgresql://host/db").folder.parts[-2:] == ("hpo", "files")


def test_errors_are_hpos_own(tmp_path: Path) -> None:
    """Whatever a URL of odd bytes does, it is never a traceback of someone else's."""
    for url in ("sqlite:///\x1b[31m.db", "sqlite:///" + "x" * 5000, "://", "sqlite", "postgresql://[::1", "mysql://u:p@h:port/x"):
        with pytest.raises(HpoError):
            connect(url, "read")
