"""The command that goes on with a study."""

from ...errors import hidden, study_command
from ..where import usual_storage


def command(name: str, storage: str, verb: str = "run", *options: str) -> str:
    """`hpo study run NAME`, with the storage where it is not the one that is used anyway; its password hidden."""
    place = ["--storage", hidden(storage)] if storage != usual_storage() else []
    return study_command(verb, name, *options, *place)
