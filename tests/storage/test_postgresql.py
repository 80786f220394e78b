"""Studies on a PostgreSQL server."""

import gc
import warnings
from collections.abc import Iterator

import pytest
from optuna.testing.pytest_storages import StorageTestCase
from sqlalchemy import text

from hpo.storage import Database, connect
from hpo.testing.postgresql import Server


@pytest.fixture(scope="module")
def storage_of_file(postgresql: Server) -> Iterator[Database]:
    """A storage of this file."""
    database = connect(postgresql.fresh(), "create")
    yield database
    database.close()


@pytest.fixture
def database(storage_of_file: Database) -> Database:
    """An empty storage."""
    with storage_of_file.engine.begin() as connection:
        connection.execute(text("TRUNCATE studies CASCADE"))
    return storage_of_file


class TestDatabase(StorageTestCase):
    """Everything that Optuna asks of a storage holds on PostgreSQL."""

    @pytest.fixture
    def storage(self, database: Database) -> Database:
        """What the suite calls the storage under test."""
        return database

    def test_pickle_storage(self, storage: Database) -> None:
        """A storage can be pickled; the copy that the suite makes is never closed."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)
            super().test_pickle_storage(storage)
            gc.collect()
