"""A database server that goes away in mid-run: the run waits for it, and goes on from what is stored, as after a kill."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic

from optuna.exceptions import StorageInternalError
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, SQLAlchemyError

from ..storage import Database, meaning
from .events import Display, StorageBack, StorageLost

MOST = 600.0
"""Seconds without a trial told after which a run gives up."""
LOOKED_EVERY = 1.0
"""Seconds between two attempts."""
REST = 5.0
"""Seconds after which a loss is another one."""

ERRORS = (SQLAlchemyError, StorageInternalError)
"""What a lost connection may look like."""


@dataclass
class Patience:
    """How long one run waits for its storage."""

    database: Database
    display: Display
    check_time: Callable[[], None]
    lost_at: float = -math.inf
    """When the storage was lost; with no trial told since, and no rest between, when it was lost first."""
    back_at: float = -math.inf
    told: int = 0

    def wait(self, error: BaseException, told: int) -> None:
        """Wait until the storage answers again; `told`: the trials that the run has told so far.

        Raises the error where it is no lost connection to a server, and when the server has been away for too long.
        """
        if not _lost(error, self.database):
            raise error
        began = monotonic()
        again = told == self.told and began - self.back_at < REST
        if again and self.database.answers():
            raise error  # It answers and the same goes wrong again: waiting mends nothing.
        self.lost_at, self.told = self.lost_at if again else began, told
        self.display(StorageLost(meaning(error, self.database.address), MOST))
        while True:
            if monotonic() - self.lost_at > MOST:
                raise error
            time.sleep(LOOKED_EVERY)
            self.check_time()
            if self.database.answers():
                break
        self.back_at = monotonic()
        self.display(StorageBack(self.back_at - began))


def _lost(error: BaseException | None, database: Database) -> bool:
    """Whether an error says that there is no connection, and not that a statement was wrong."""
    if database.address.file is not None:
        return False
    while error is not None:
        gone = isinstance(error, DBAPIError) and error.connection_invalidated
        if gone or isinstance(error, OperationalError | InterfaceError):
            return True
        error = error.__cause__
    return False
