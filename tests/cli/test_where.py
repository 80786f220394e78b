"""Which storage a command takes, and that a password goes nowhere else."""

import json
import os
import subprocess
from pathlib import Path

import psutil
import pytest
from sqlalchemy import create_engine, text

from hpo.testing.postgresql import PASSWORD, Server

from .conftest import COMMAND, SMALL, Call

WRITTEN = "s3cret%2F%40word"
"""The password as a URL has it."""


@pytest.fixture
def named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file that HPO_STORAGE_FILE names; to be written."""
    file = folder / "storage"
    monkeypatch.setenv("HPO_STORAGE_FILE", str(file))
    return file


def write(file: Path, content: str | bytes, mode: int = 0o600) -> None:
    """Write the file and set its mode."""
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    file.chmod(mode)


def test_the_file_stands_in_for_the_option(named: Path, hpo: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    """HPO_STORAGE_FILE comes after --storage and HPO_STORAGE, before the file of this folder, and is left out of commands."""
    write(named, "sqlite:///from_file.db\n")
    assert hpo("study", "create", "cifar-bn").err.endswith("run it with: hpo study run cifar-bn\n")
    assert Path("from_file.db").exists()
    monkeypatch.setenv("HPO_STORAGE", "sqlite:///from_environment.db")
    assert hpo("study", "create", "cifar-bn").code == 0
    assert Path("from_environment.db").exists()
    assert hpo("study", "create", "cifar-bn", "--storage", "sqlite:///from_option.db").code == 0
    assert Path("from_option.db").exists()


@pytest.mark.parametrize(
    ("content", "mode", "message"),
    [
        ("sqlite:///hpo.db", 0o644, "that only its owner may read, got '{file}' of mode 644: chmod 600 '{file}'"),
        ("sqlite:///hpo.db", 0o620, "of mode 620"),
        ("", 0o600, "with 0 words"),
        ("two words", 0o600, "with 2 words"),
        (b"\xff\xfe\x00", 0o600, "not text"),
        (None, 0o600, "No such file"),
        ("", None, "which is no file"),
    ],
)
def test_a_file_that_does_not_do(content: str | bytes | None, mode: int | None, message: str, named: Path, hpo: Call) -> None:
    """A file that others may read, that holds no URL or that is not there is refused with the rule."""
    if mode is None:
        named.mkdir()
    elif content is not None:
        write(named, content, mode)
    done = hpo("study", "list")
    assert (done.code, done.out) == (5, "")
    assert message.format(file=named) in done.err
    assert "Traceback" not in done.err


def test_a_password_in_a_command_is_warned_of(hpo: Call) -> None:
    """--storage with a password is taken, and warned of; without one it is not."""
    done = hpo("study", "list", "--storage", "postgresql://me:hidden@127.0.0.1:1/base")
    assert done.code == 5
    assert done.err.startswith("warning: every user of this machine can read a password in a command")
    assert "hidden" not in done.err.replace("password hidden", "")
    assert "warning" not in hpo("study", "list", "--storage", "sqlite:///none.db").err


def test_a_wrong_password_is_not_repeated(postgresql: Server, named: Path, hpo: Call) -> None:
    """A server that refuses the password is named without it, with --debug too."""
    write(named, postgresql.url("postgres", "wr0ng"))
    for line in (("study", "list"), ("study", "list", "--debug"), ("doctor",)):
        done = hpo(*line)
        assert "does not accept the user or the password" in done.err + done.out
        assert "wr0ng" not in done.err + done.out


def test_a_password_goes_nowhere(postgresql: Server, named: Path, hpo: Call, folder: Path) -> None:
    """Neither processes, nor messages, nor the database, nor the files of a study have the password of its storage."""
    url = postgresql.fresh()
    write(named, url)
    environment = {**os.environ, "XDG_DATA_HOME": str(folder / "data")}
    line = [COMMAND, "study", "run", "cifar-bn", *SMALL, "--workers", "1", "--engine", "processes"]
    seen: list[str] = []
    with subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment) as run:
        driver = psutil.Process(run.pid)
        while run.poll() is None:
            for child in driver.children(recursive=True):
                try:
                    seen += [*child.cmdline(), *child.environ().values()]
                except psutil.Error:
                    continue
        assert run.stdout is not None
        said = run.stdout.read()
    assert run.returncode == 0, said
    shown = [hpo("study", "show", "cifar-bn", *more).out for more in ((), ("--json",))]
    assert json.loads(shown[1])["study"]["storage"].startswith("postgresql://keeper:***@127.0.0.1")
    engine = create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.connect() as connection:
        tables = connection.execute(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).scalars().all()
        stored = [str(row) for table in tables for row in connection.execute(text(f'SELECT * FROM "{table}"')).all()]
    engine.dispose()
    files = [path.read_bytes().decode("latin-1") for path in (folder / "data").rglob("*") if path.is_file()]
    assert seen
    assert len(stored) > 10
    for place in ([said], shown, seen, stored, files):
        assert not any(PASSWORD in text or WRITTEN in text for text in place)
