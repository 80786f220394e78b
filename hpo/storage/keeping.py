"""A storage's keeping: a copy of it while others write, and bringing the tables of an older Optuna up to date."""

import logging
import os
import sqlite3
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path
from secrets import token_hex

from optuna.storages import RDBStorage

from ..errors import StorageError, UsageError
from .address import Address
from .connecting import answered, check
from .explaining import explained
from .sqlite import BUSY_SECONDS

_PAGES = 1000
"""Copied at a time; between two times others may write."""


def backup(url: str, target: Path | None) -> Path:
    """Copy an SQLite storage, whole or not at all; by default beside it, named after the time. Gives the copy's file.

    Raises UsageError where the target is there already or the storage is on a server, NotFound, StorageError.
    """
    address = check(url, "read")
    if address.file is None:
        raise UsageError(
            f"a backup is a copy of an SQLite file, got {address}: a server has its own way, as pg_dump or mysqldump"
        )
    target = target or address.file.with_name(f"{address.file.stem}.{datetime.now():%Y-%m-%dT%H-%M-%S}.backup.db")
    draft = target.with_name(f".{target.name}.{token_hex(4)}")
    try:
        if target.exists():
            raise UsageError(f"a backup replaces no file, got '{target}', which is there: name another with -o")
        with explained(address):
            _copy(address.file, draft)
        os.link(draft, target)  # Unlike a rename, it replaces nothing that came there meanwhile.
    except OSError as error:
        raise StorageError(f"the backup must be written, got '{target}': {error.strerror}; name another with -o") from None
    finally:
        with suppress(OSError):  # Where it could not be made it is not there.
            draft.unlink()
    return target


def _copy(file: Path, draft: Path) -> None:
    """By SQLite's own online backup, which begins anew when the storage changes meanwhile; synced."""
    draft.touch(mode=0o600, exist_ok=False)
    with closing(sqlite3.connect(file, timeout=BUSY_SECONDS)) as source, closing(sqlite3.connect(draft)) as copy:
        source.backup(copy, pages=_PAGES, sleep=0.05)
        (found,) = copy.execute("PRAGMA integrity_check").fetchone()
        if found != "ok":
            raise sqlite3.DatabaseError(f"database disk image is malformed: {found}")
    draft.chmod(file.stat().st_mode & 0o777)


def upgrade(url: str) -> tuple[str, str, Path | None]:
    """Bring the tables up to date, by Optuna's own migrations, after a backup: versions before and after, and its file.

    Raises StorageError when a later Optuna has made them, or when it fails; NotFound.
    """
    address = check(url, "write")
    with answered(address):
        storage = RDBStorage(
            address.engine_url.replace("{", "{{").replace("}", "}}"), skip_compatibility_check=True, skip_table_creation=True
        )
        try:
            before, head = storage.get_current_version(), storage.get_head_version()
            if before == head:
                return before, head, None
            if before not in storage.get_all_versions():
                raise StorageError(f"storage {address} is of a later Optuna (tables {before}): pip install --upgrade optuna")
            kept = backup(url, None) if address.file is not None else None
            _migrate(storage, address, kept)
            return before, head, kept
        finally:
            storage.remove_session()
            storage.engine.dispose()


def _migrate(storage: RDBStorage, address: Address, kept: Path | None) -> None:
    logging.disable(logging.INFO)  # The migration's own settings of logging would print each step.
    try:
        storage.upgrade()
    except Exception as error:
        way_out = f"put the backup in its place: {kept}" if kept else "restore a copy that you have made"
        raise StorageError(f"storage {address} could not be brought up to date, {way_out} ({error})") from error
    finally:
        logging.disable(logging.NOTSET)
