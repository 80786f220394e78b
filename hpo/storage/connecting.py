"""Opening a storage, with an answer to everything that can be wrong with it."""

import os
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Literal

import optuna
from sqlalchemy.engine import URL
from sqlalchemy.exc import SQLAlchemyError

from ..errors import NotFound, StorageError
from .address import DRIVERS, Address, parse
from .database import Database
from .explaining import explained
from .sqlite import tables

ATTEMPTS = 10

Mode = Literal["read", "write", "create"]

EXTRAS = {"postgresql": "hpo-lanes[postgresql]", "mysql": "hpo-lanes[mysql]", "mariadb": "hpo-lanes[mysql]"}


def connect(url: str, mode: Mode) -> Database:
    """Open the storage of a URL.

    read: never makes or changes a file; write: for changing what is there; create: makes the SQLite file where there is none.
    Raises NotFound when there is nothing to read or change yet, StorageError when it cannot be used.
    """
    optuna.logging.set_verbosity(optuna.logging.WARNING)  # It would log each study that is created to stderr.
    address = check(url, mode)
    try:
        return _open(address, mode)
    except OSError as error:
        raise StorageError(f"storage {address}: {error.strerror}") from None


def check(url: str, mode: Mode) -> Address:
    """Raise what `connect` raises for a URL and the state of its file; nothing is opened or made."""
    address = parse(url)
    try:
        if address.file is not None:
            _check_file(address, address.file, mode)
    except OSError as error:
        raise StorageError(f"storage {address}: {error.strerror}") from None
    return address


def _check_file(address: Address, file: Path, mode: Mode) -> None:
    if file.is_dir():
        raise StorageError(f"storage {address}: a storage is a file, and this is a folder: name a file in it")
    if not file.exists():
        if mode != "create":
            raise NotFound(f"no storage at {address} yet: `hpo study run STUDY` makes it, or name another with --storage")
        return _check_folder(address, file.parent)
    with explained(address):
        found = tables(file)
    if found and "studies" not in found:
        raise StorageError(f"storage {address}: this database is not Optuna's, it holds {sorted(found)[0]!r}: name another file")
    if not found and mode != "create":
        raise NotFound(f"storage {address} holds no studies yet: `hpo study run STUDY` makes one, or name another with --storage")
    if mode != "read" and not os.access(file, os.W_OK):
        raise StorageError(f"storage {address}: the file may not be written: make it writable, or name another with --storage")


def _check_folder(address: Address, folder: Path) -> None:
    if not folder.is_dir():
        raise StorageError(f"storage {address}: there is no folder '{folder}': make it first, or name another file")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise StorageError(f"storage {address}: the folder '{folder}' may not be written: name a file elsewhere")


def _open(address: Address, mode: Mode) -> Database:
    with answered(address), warnings.catch_warnings():
        # The driver's own complaints about a URL would come before the message that explains them.
        warnings.simplefilter("ignore", category=UserWarning)
        if mode == "create" and address.file is not None and not address.file.exists():
            _make(address.file)
        return _database(address, reading=mode == "read")


@contextmanager
def answered(address: Address) -> Iterator[None]:
    """Whatever Optuna and a database raise when a storage is opened becomes a StorageError with its meaning."""
    try:
        with explained(address):
            yield
    except ImportError as error:
        kind, _, driver = address.url.split(":")[0].partition("+")
        missing = (not driver and DRIVERS.get(kind)) or getattr(error.__cause__, "name", None) or "its driver"
        raise StorageError(f"storage {address} needs {missing}: pip install '{EXTRAS.get(kind, missing)}'") from None
    except AssertionError:
        # Alembic takes files that cannot be opened for ones that are not there, and Optuna asserts that they are.
        Path(__file__).open().close()
        raise
    except RuntimeError as error:
        if "schema" not in str(error):
            raise
        way_out = (
            "`hpo storage upgrade` brings it up to date" if "storage upgrade" in str(error) else "pip install --upgrade optuna"
        )
        raise StorageError(f"storage {address} was made by another version of Optuna: {way_out}") from None


def _database(address: Address, reading: bool) -> Database:
    """The database; its tables are made where there are none. Another process may do so at the same time: then look again."""
    for _ in range(ATTEMPTS):
        try:
            return Database(address, reading)
        except SQLAlchemyError as error:
            if "already exists" not in str(error):
                raise
            time.sleep(0.2)
    return Database(address, reading)


def _make(file: Path) -> None:
    """Make an empty storage, whole or not at all, also when several processes do so at once."""
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        Database(parse(URL.create("sqlite", database=str(draft)).render_as_string())).close()
        with suppress(FileExistsError):  # Another process was faster, and its file is as good.
            os.link(draft, file)
    finally:
        draft.unlink(missing_ok=True)
