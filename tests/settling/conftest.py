"""Studies of the fake training, in storages of their own."""

from ..runner.conftest import _fakes, database, empty, stored

__all__ = ["_fakes", "database", "empty", "stored"]
