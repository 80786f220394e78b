"""A study of several machines, or of several drivers."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from hpo.cli.study.sharing import check_shared
from hpo.engines.serial import Serial
from hpo.errors import UsageError
from hpo.testing.postgresql import Server

from .conftest import COMMAND, SMALL, Call


class Cluster(Serial):
    """An engine whose jobs run on these machines: a second real one is not at hand."""

    def __init__(self, *machines: str) -> None:
        super().__init__("hpo.testing.engine_work:run")
        self.machines = frozenset(machines)


def test_sqlite_serves_one_machine() -> None:
    """An SQLite file beside a cluster of several machines is refused, with the reason, the machines and the way out."""
    with pytest.raises(UsageError, match=r"is a file of this machine.*postgresql://.*10\.0\.0\.1, 10\.0\.0\.2"):
        check_shared(Cluster("10.0.0.1", "10.0.0.2"), "sqlite:///hpo.db")


@pytest.mark.parametrize(
    ("engine", "storage"),
    [
        (Cluster("10.0.0.1"), "sqlite:///hpo.db"),
        (Cluster("10.0.0.1", "10.0.0.2"), "postgresql://me@server/studies"),
        (Serial("hpo.testing.engine_work:run"), "sqlite:///hpo.db"),
    ],
)
def test_other_pairs_are_fine(engine: Serial, storage: str) -> None:
    """One machine may have a file, several a server."""
    check_shared(engine, storage)


@pytest.mark.slow
def test_two_commands_on_one_server(postgresql: Server, hpo: Call, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`hpo study run` twice at once on one PostgreSQL study: both end well, and its trials are those of one run on a file."""
    arguments = [COMMAND, "study", "run", "cifar-bn", *SMALL, "--set", "execution.cohort=1", "--engine", "serial"]
    monkeypatch.setenv("XDG_DATA_HOME", str(folder))
    url = postgresql.fresh()
    environment = {**os.environ, "HPO_STORAGE": url}
    drivers = [
        subprocess.Popen(arguments, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    said = [driver.communicate(timeout=100)[1] for driver in drivers]
    assert [driver.returncode for driver in drivers] == [0, 0], said
    assert hpo(*arguments[1:]).code == 0
    shared, alone = (hpo("study", "show", "cifar-bn", "--json", *where) for where in (("--storage", url), ()))
    assert len({json.loads(done.out)["study"]["trial_table_hash"] for done in (shared, alone)}) == 1
