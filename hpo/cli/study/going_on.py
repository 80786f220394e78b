"""The command that goes on with a study."""

import os
import shlex

from ..options import DEFAULT_STORAGE


def command(name: str, storage: str, verb: str = "run") -> str:
    """`hpo study run NAME`, with the storage where it is not the one that is used anyway; its password hidden."""
    from ...storage import hidden

    words = ["hpo", "study", verb]
    if storage != (os.environ.get("HPO_STORAGE") or DEFAULT_STORAGE):
        words += ["--storage", hidden(storage)]
    return shlex.join([*words, *(["--"] if name.startswith("-") else []), name])
