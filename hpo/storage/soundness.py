"""Whether a database is as it should be: its own check, and values that can be read. Studies are for hpo.runner to judge."""

import json
from collections.abc import Iterator

from sqlalchemy import text

from .database import Database

_ATTRIBUTES = {
    "study_user_attributes": "study_id",
    "study_system_attributes": "study_id",
    "trial_user_attributes": "trial_id",
    "trial_system_attributes": "trial_id",
}


def faults(database: Database) -> Iterator[str]:
    """What is wrong with the database as such; nothing when it is sound."""
    with database.engine.connect() as connection:
        if database.address.file is not None:
            found = connection.exec_driver_sql("PRAGMA integrity_check").scalars().all()
            yield from (f"SQLite's integrity check: {line}" for line in found if line != "ok")
            broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
            yield from (f"row {row[1]} of {row[0]} belongs to nothing" for row in broken)
        for name, owner in _ATTRIBUTES.items():
            for key, of, value in connection.execute(text(f"SELECT {name}.key, {owner}, value_json FROM {name}")):
                if not _readable(value):
                    yield f"attribute {key!r} of {owner.removesuffix('_id')} {of} in {name} is not JSON"


def _readable(value: str) -> bool:
    try:
        json.loads(value)
    except (TypeError, ValueError):
        return False
    return True
