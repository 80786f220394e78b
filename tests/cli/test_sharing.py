"""Which storages serve a cluster."""

import pytest

from hpo.cli.study.sharing import check_shared
from hpo.engines.serial import Serial
from hpo.errors import UsageError


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
