"""Optuna's own contract suite for storages, on the hardened one."""

import pytest
from optuna.testing.pytest_storages import StorageTestCase

from hpo.storage import Database


class TestDatabase(StorageTestCase):
    """Everything that Optuna asks of a storage holds for a hardened SQLite file."""

    @pytest.fixture
    def storage(self, database: Database) -> Database:
        """What the suite calls the storage under test."""
        return database
