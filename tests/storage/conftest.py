"""Empty storages for the tests of this folder."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from hpo.storage import Database, connect


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a storage without studies, to be copied."""
    file = tmp_path_factory.mktemp("storage") / "empty.db"
    connect(f"sqlite:///{file}", "create").close()
    return file


@pytest.fixture
def database(empty: Path, tmp_path: Path) -> Iterator[Database]:
    """An empty storage of the test's own."""
    database = connect(f"sqlite:///{shutil.copy(empty, tmp_path / 'hpo.db')}", "write")
    yield database
    database.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def either(request: pytest.FixtureRequest) -> Iterator[Database]:
    """An empty storage of each kind."""
    if request.param == "sqlite":
        yield request.getfixturevalue("database")
        return
    database = connect(request.getfixturevalue("postgresql").fresh(), "create")
    yield database
    database.close()
