"""Who works on what: a driver holds a cohort by a lease, so that several can share a study, and a dead one's work goes on.

A lease ends with its process where that can be seen, on the same machine, and when it runs out anywhere else. The clock is the
database's, so that no machine's own counts. Safety does not rest on the clock: what a driver writes about a cohort, it writes in
a transaction that finds its own lease in place.
"""

import json
import os
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from typing import Any, ClassVar, Self
from uuid import uuid4

from optuna.exceptions import StorageInternalError
from optuna.storages._rdb.models import NOT_FOUND_MSG
from sqlalchemy import column, select, table, text
from sqlalchemy.exc import SQLAlchemyError

from ..attributes import LEASES, UID
from ..errors import StorageError
from .alive import alive, place, start_of
from .database import Database

SECONDS = 60.0
"""How long a lease holds that is not renewed."""
RENEWED_AFTER = 15.0
"""Seconds; three may fail before others take over."""

_NOW = {
    "sqlite": "SELECT (julianday('now') - 2440587.5) * 86400",
    "postgresql": "SELECT EXTRACT(EPOCH FROM clock_timestamp())",
    "mysql": "SELECT UNIX_TIMESTAMP(SYSDATE(6))",
    "mariadb": "SELECT UNIX_TIMESTAMP(SYSDATE(6))",
}
"""Seconds since 1970 by the database's clock."""

_DATABASE_ERRORS = (SQLAlchemyError, StorageInternalError, StorageError, KeyError)


class LeaseLost(Exception):
    """The cohort went to another driver, because this one did not renew its lease in time."""


@dataclass(frozen=True, slots=True)
class Lease:
    """Who works on a cohort."""

    owner: str
    """Of one run; no other run ever has the same."""
    host: str
    place: str
    """Where its process number means something: see `alive.place`."""
    process: int
    start: str
    expires: float
    """Seconds since 1970, by the database's clock."""


class Leases:
    """The leases of one run on the cohorts of its study. A context manager: it renews them, and gives them back at the end."""

    _running: ClassVar[set[str]] = set()
    """Owners in this process: a run that ended in an error may have left a lease behind, and its process lives on."""

    def __init__(self, database: Database, study: int, uid: str | None = None) -> None:
        """`uid`: the study's own, which the study of that number must have, in case a file is replaced under the run."""
        self._database = database
        self._study = study
        self._uid = uid
        self._owner = uuid4().hex
        self._ended = threading.Event()
        self._keeper = threading.Thread(target=self._keep, name="leases", daemon=True)

    def __enter__(self) -> Self:
        self._running.add(self._owner)
        self._keeper.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._ended.set()
        self._keeper.join()
        self._running.discard(self._owner)
        with suppress(*_DATABASE_ERRORS):  # Whatever it was, the lease is void now, and the error that counts is on its way.
            self._change(lambda number, lease: None)

    @contextmanager
    def alone(self) -> Iterator[None]:
        """A transaction beside which no other driver asks or tells. Raises KeyError when the study is gone."""
        with self._database.alone(self._study):
            if self._uid is not None and self._attribute("study_user_attributes", UID) != self._uid:
                raise KeyError(NOT_FOUND_MSG)
            yield

    def of_others(self) -> dict[int, Lease]:
        """The cohorts that other living drivers work on."""
        with self._database.transaction():
            now = self._now()
            return {number: lease for number, lease in self._read().items() if self._lives(lease, now)}

    def take(self, cohort: int) -> None:
        """Hold a cohort from now on; within `alone`, and only when no other living driver holds it."""
        me = os.getpid()
        lease = Lease(self._owner, socket.gethostname(), place(), me, start_of(me) or "", self._now() + SECONDS)
        mine = {number: lease for number, lease in self._read().items() if lease.owner == self._owner}
        self._write({**self.of_others(), **mine, cohort: lease})

    @contextmanager
    def held(self, cohort: int) -> Iterator[None]:
        """As `alone`, for writing about a cohort. Raises LeaseLost when it is not this run's any more."""
        with self.alone():
            lease = self._read().get(cohort)
            if lease is None or lease.owner != self._owner:
                raise LeaseLost(cohort)
            yield

    def give_back(self, cohort: int) -> None:
        """End the lease on a cohort that is done."""
        self._change(lambda number, lease: None if number == cohort else lease)

    def _lives(self, lease: Lease, now: float) -> bool:
        if lease.owner == self._owner:
            return False
        if lease.place != place():
            return lease.expires > now
        if lease.process == os.getpid():
            return lease.owner in self._running
        return alive(lease.process, lease.start)

    def _keep(self) -> None:
        """Renew the leases of this run until it ends; in a thread, as the driver may be at one thing for minutes."""
        while not self._ended.wait(RENEWED_AFTER):
            with suppress(*_DATABASE_ERRORS):  # The next one may pass; when none does, the lease is lost, which is noticed.
                self._change(lambda number, lease: replace(lease, expires=self._now() + SECONDS))
        self._database.remove_session()

    def _change(self, changed: Callable[[int, Lease], Lease | None]) -> None:
        """Change or end the leases of this run."""
        with self.alone():
            leases = self._read()
            mine = {number: changed(number, lease) for number, lease in leases.items() if lease.owner == self._owner}
            if mine:
                self._write({number: lease for number, lease in {**leases, **mine}.items() if lease is not None})

    def _now(self) -> float:
        return float(self._database.scoped_session().execute(text(_NOW[self._database.engine.dialect.name])).scalar_one())

    def _read(self) -> dict[int, Lease]:
        found = self._attribute("study_system_attributes", LEASES) or {}
        return {int(number): Lease(**lease) for number, lease in found.items()}

    def _attribute(self, kind: str, key: str) -> Any:
        # Not with Optuna's call, which reads all attributes: the figures on the study's page among them.
        attributes = table(kind, column("study_id"), column("key"), column("value_json"))
        found = select(attributes.c.value_json).where(attributes.c.study_id == self._study, attributes.c.key == key)
        content = self._database.scoped_session().execute(found).scalar()
        return None if content is None else json.loads(content)

    def _write(self, leases: Mapping[int, Lease]) -> None:
        self._database.set_study_system_attr(
            self._study, LEASES, {str(number): asdict(lease) for number, lease in leases.items()}
        )
