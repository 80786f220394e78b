"""What a database's error means and what to do about it, in one line and without the password."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from optuna.exceptions import StorageInternalError
from sqlalchemy.engine import make_url
from sqlalchemy.exc import NoSuchModuleError, SQLAlchemyError

from ..errors import StorageError
from .address import Address
from .staying import REPLACED, departed

DATABASE_ERRORS = (SQLAlchemyError, sqlite3.Error, StorageInternalError)
RESCUE = (
    "restore a copy of it (`hpo storage backup` makes one), or save what can be read: sqlite3 DAMAGED .recover | sqlite3 RESCUED"
)

#: What the database says, and what it means to the user. The first that is found counts.
MEANINGS = {
    "file is not a database": "it is a file of another kind, or damaged: name another with --storage, or restore a copy of it",
    "malformed": f"the file is damaged: {RESCUE}",
    "could not decode to utf-8": f"the file is damaged: {RESCUE}",
    "unable to open database file": "the file cannot be opened: its folder must exist, and both must be readable and writable",
    "readonly database": "it may not be written: make the file and its folder writable, or name another storage with --storage",
    "attempt to write a readonly": "it may not be written: make the file and its folder writable, or name another with --storage",
    "disk is full": "the disk is full: make room and run the same command again, nothing is lost",
    "disk i/o error": "the disk cannot be read or written: make room or mend it and run the same command again, nothing is lost",
    "database is locked": "another process has held it for a minute: end it, or wait, and run the same command again",
    "password authentication failed": "the server does not accept the user or the password",
    "access denied": "the server does not accept the user or the password",
    "connection refused": "no server answers there: start it, or name another storage with --storage",
    "could not translate host name": "there is no such host",
    "name or service not known": "there is no such host",
    'relation "': "it holds no studies yet: `hpo study run STUDY` makes one",
    "does not exist": "the server has no such database or user: create it first",
    "no such table": "it holds no Optuna tables of this version: `hpo storage upgrade` brings an older one up to date",
    "schema": "it was made by another version of Optuna: `hpo storage upgrade` brings an older one up to date",
}  # fmt: skip


@contextmanager
def explained(address: Address) -> Iterator[None]:
    """Database errors that are raised inside become a StorageError with their meaning."""
    try:
        yield
    except DATABASE_ERRORS as error:
        raise StorageError(f"storage {address}: {meaning(error, address)}") from error


def meaning(error: BaseException, address: Address) -> str:
    """What a database error means to the user, on one line."""
    if isinstance(error, NoSuchModuleError):
        return "no driver of that name is known; leave '+driver' out of the URL"
    root = _root(error)
    said = _without_password(_said(root), address)
    if address.file is not None and getattr(root, "sqlite_errorname", None) == "SQLITE_READONLY_DBMOVED":
        return departed(address.file) or REPLACED
    for phrase, explanation in MEANINGS.items():
        if phrase in said.lower():
            return f"{explanation} ({said})"
    return said


def _root(error: BaseException) -> BaseException:
    while error.__cause__ is not None:
        error = error.__cause__
    return getattr(error, "orig", None) or error


def _said(error: BaseException) -> str:
    return re.sub(r"\s+", " ", str(error)).strip() or type(error).__name__


def _without_password(text: str, address: Address) -> str:
    password = make_url(address.url).password
    return text.replace(str(password), "***") if password else text
