"""Where the dashboard's artifacts lie."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..storage import Database


def artifact_folder(database: "Database") -> Path:
    """The folder of all artifacts of a storage, with the files of its studies: also for `optuna-dashboard --artifact-dir`."""
    return database.address.folder / "artifacts"
