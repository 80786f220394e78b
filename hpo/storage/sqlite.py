"""How SQLite is opened: one writer at a time from the first statement on, and nothing told before it is on the disk."""

import sqlite3
from pathlib import Path

from sqlalchemy import Connection, event
from sqlalchemy.engine import Engine

BUSY_SECONDS = 60.0
"""How long a statement waits for another writer."""

# Write-ahead logs can be corrupted before 3.51.3 (sqlite.org/wal.html, "the WAL-reset bug"): a rollback journal until then.
JOURNAL = "wal" if sqlite3.sqlite_version_info >= (3, 51, 3) else "delete"


def harden(engine: Engine, reading: bool) -> None:
    """Set up every connection of an engine from now on.

    Writing, every transaction takes the write lock when it begins: Optuna reads before it writes (which trial is waiting,
    how many there are), and between a deferred transaction's read and its write another process can do the same; one of two
    such transactions fails at once, however long it would wait. Reading takes no write lock and cannot write, for files and
    folders that are read-only and for looking on during a run.
    """
    event.listen(engine, "connect", _connected_for_reading if reading else _connected)
    event.listen(engine, "begin", _begun_for_reading if reading else _begun)
    engine.dispose()


def _connected(connection: sqlite3.Connection, record: object) -> None:
    connection.isolation_level = None  # Python's module would begin its own, deferred transactions.
    (journal,) = connection.execute("PRAGMA journal_mode").fetchone()
    if journal != JOURNAL:
        connection.execute(f"PRAGMA journal_mode = {JOURNAL}")
    connection.execute("PRAGMA synchronous = FULL")


def _connected_for_reading(connection: sqlite3.Connection, record: object) -> None:
    connection.isolation_level = None
    connection.execute("PRAGMA query_only = ON")


def _begun(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _begun_for_reading(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")


def tables(file: Path) -> set[str]:
    """Names of the tables in a database file; empty for an empty file.

    Raises sqlite3.DatabaseError when it is not one.
    """
    connection = sqlite3.connect(file, timeout=BUSY_SECONDS)
    try:
        return {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    except UnicodeDecodeError as error:  # As of a name that is quoted in a message about it.
        raise sqlite3.DatabaseError(f"malformed: {error}") from None
    finally:
        connection.close()
