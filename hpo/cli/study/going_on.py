"""The command that goes on with a study."""

import shlex

from ...errors import hidden
from ..where import usual_storage


def command(name: str, storage: str, verb: str = "run", *options: str) -> str:
    """`hpo study run NAME`, with the storage where it is not the one that is used anyway; its password hidden."""
    words = ["hpo", "study", verb, *options]
    if storage != usual_storage():
        words += ["--storage", hidden(storage)]
    return shlex.join([*words, *(["--"] if name.startswith("-") else []), name])
