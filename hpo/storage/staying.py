"""Whether the file of an SQLite storage is still the one that was opened. SQLite notices only when it writes, and not always."""

import os
from pathlib import Path

from sqlalchemy import Connection, event
from sqlalchemy.engine import Engine

from ..errors import StorageError
from .address import Address

GONE = "its file was moved or deleted while it was in use: put it back and give the same command again"
REPLACED = (
    "its file was replaced by another while it was in use: put the earlier one back and give the same command again, "
    "or give it now to go on from what the present one holds"
)


def watch(engine: Engine, address: Address, file: Path) -> None:
    """Let every transaction of an engine begin with a look at its file: StorageError where that is another one, or gone."""
    opened = file.stat()

    def look(connection: Connection) -> None:
        if (fault := departed(file, opened)) is not None:
            raise StorageError(f"storage {address}: {fault}")

    event.listen(engine, "begin", look)


def departed(file: Path, opened: os.stat_result | None = None) -> str | None:
    """What has become of a file, in words; None while it is the one that was opened, as far as can be seen."""
    try:
        same = opened is not None and os.path.samestat(file.stat(), opened)
    except (FileNotFoundError, NotADirectoryError):
        return GONE
    except OSError:  # The database will say what it is.
        return None
    return None if same else REPLACED
