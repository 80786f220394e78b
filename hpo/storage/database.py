"""Optuna's database storage, hardened: SQLite opened for safety, and transactions that hold many calls."""

import weakref
from collections.abc import Container, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from optuna.exceptions import StorageInternalError
from optuna.storages import RDBStorage
from optuna.storages._rdb.models import NOT_FOUND_MSG, StudyModel, TrialModel
from optuna.storages._rdb.storage import _create_scoped_session
from optuna.trial import FrozenTrial, TrialState
from sqlalchemy import case, column, func, orm, select, table, text
from sqlalchemy.exc import InvalidRequestError, SQLAlchemyError

from .address import Address
from .reading import read_trials
from .sqlite import BUSY_SECONDS, harden
from .staying import watch


class _Session(orm.Session):
    """A session whose commits, while it is `held`, wait for the end of the transaction that holds it."""

    held = False
    broken = False

    def commit(self) -> None:
        if not self.held:
            return super().commit()
        if self.broken:
            raise StorageInternalError("the transaction was rolled back by an earlier error")
        self.flush()
        # Optuna's upserts go past the session: what it has loaded may be out of date.
        self.expire_all()

    def rollback(self) -> None:
        self.broken = self.held
        super().rollback()

    def undo(self) -> None:
        """Roll back. A signal in the middle of a commit may leave nothing to roll back, which is no error of its own."""
        with suppress(InvalidRequestError):
            self.rollback()

    def close(self) -> None:
        if not self.held:
            super().close()


class Database(RDBStorage):
    """The storage to give to Optuna. Made by `connect`, which checks what it is given."""

    def __init__(self, address: Address, reading: bool = False) -> None:
        self.address = address
        self.reading = reading
        # A server may have closed a connection that lay idle for as long as a rung takes.
        options: dict[str, Any] = {"pool_pre_ping": True}
        if address.file is not None:
            options = {"connect_args": {"timeout": BUSY_SECONDS}}
        # Optuna fills the URL in as a template, so braces are doubled; it does know how to escape percent signs.
        url = address.engine_url.replace("{", "{{").replace("}", "}}")
        super().__init__(url, engine_kwargs=options, skip_table_creation=reading)
        self._harden()

    def __setstate__(self, state: dict[Any, Any]) -> None:
        super().__setstate__(state)
        self._harden()

    def _harden(self) -> None:
        # After Optuna's own start, which reads through one connection while it writes through another.
        if self.address.file is not None:
            watch(self.engine, self.address, self.address.file)
            harden(self.engine, self.reading)
        self.scoped_session = orm.scoped_session(orm.sessionmaker(bind=self.engine, class_=_Session))
        # For who does not call close; drivers complain of connections that are left open.
        weakref.finalize(self, self.engine.dispose).atexit = False

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All that this thread writes inside is written at the end, at once or, after an exception, not at all.

        A transaction inside another one is part of it. After an exception, throw away the studies that were read through
        this storage: Optuna caches trials that it has just created.
        """
        session = self.scoped_session()
        assert isinstance(session, _Session)
        if session.held:
            yield
            return
        session.held, session.broken = True, False
        try:
            yield
            session.commit()
        except BaseException:
            session.held = False
            session.undo()
            session.close()
            raise
        session.held = False
        try:
            session.commit()
        except BaseException:
            session.undo()
            raise
        finally:
            session.close()

    def _get_trials(
        self, study_id: int, states: Container[TrialState] | None, included_trial_ids: set[int], trial_id_greater_than: int
    ) -> list[FrozenTrial]:
        # All of Optuna's calls that read the trials of a study come to this one.
        wanted = None if states is None else [state for state in TrialState if state in states]
        with _create_scoped_session(self.scoped_session) as session:
            StudyModel.find_or_raise_by_id(study_id, session)
            return read_trials(session, study_id, wanted, included_trial_ids, trial_id_greater_than)

    def answers(self) -> bool:
        """Whether there is anybody at the other end."""
        self.remove_session()
        try:
            with self.engine.connect() as connection:
                connection.execute(text("SELECT 1"))
        except SQLAlchemyError:
            return False
        return True

    def census(self, study: int) -> tuple[int, int]:
        """The trials of a study, and those of them that wait in its queue, counted without being read."""
        found = select(func.count(), func.count(case((TrialModel.state == TrialState.WAITING, 1))))
        with self.transaction():
            there, waiting = self.scoped_session().execute(found.where(TrialModel.study_id == study)).one()
        return int(there), int(waiting)

    @contextmanager
    def alone(self, study: int) -> Iterator[None]:
        """A transaction beside which nobody else adds trials to a study. Raises KeyError when the study is gone."""
        studies = table("studies", column("study_id"))
        row = select(studies.c.study_id).where(studies.c.study_id == study).with_for_update()
        with self.transaction():
            if self.scoped_session().execute(row).first() is None:
                raise KeyError(NOT_FOUND_MSG)
            yield

    def close(self) -> None:
        """Give all connections back."""
        self.remove_session()
        self.engine.dispose()
