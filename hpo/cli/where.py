"""Which storage is meant: `--storage`, else HPO_STORAGE, else the URL in the file HPO_STORAGE_FILE, else hpo.db here."""

import os
import re
import stat
from pathlib import Path

import typer

from ..errors import StorageError
from .output import say

DEFAULT_STORAGE = "sqlite:///hpo.db"
MEANT = "hpo.storage"
"""Key of a command's context under which the URL is kept."""
_LARGEST = 10_000
_WITH_PASSWORD = re.compile(r"^[^:/]*://[^:@/]*:[^@]+@|[?&]password=")


def usual_storage() -> str:
    """The storage where `--storage` is not given. Raises StorageError for a file of a URL that is none."""
    named = os.environ.get("HPO_STORAGE_FILE")
    return os.environ.get("HPO_STORAGE") or (_read(Path(named)) if named else DEFAULT_STORAGE)


def storage_meant(context: typer.Context, parameter: typer.CallbackParam, url: str) -> str:
    """The value of the option `--storage`, for typer. Raises StorageError."""
    source = context.get_parameter_source(str(parameter.name))
    named = "DEFAULT" if source is None else source.name  # typer does not give its enumeration away.
    if named == "DEFAULT":
        url = usual_storage()
    context.meta[MEANT] = url
    if named == "COMMANDLINE" and _WITH_PASSWORD.search(url):
        say("warning: every user of this machine can read a password in a command: put the URL into a file, see HPO_STORAGE_FILE")
    return url


def _read(file: Path) -> str:
    """The URL in a file that nobody else may read."""
    rule = "HPO_STORAGE_FILE must name a file with a storage URL in it"
    try:
        mode = file.stat().st_mode
        if not stat.S_ISREG(mode):
            raise StorageError(f"{rule}, got '{file}', which is no file")
        if mode & (stat.S_IRWXG | stat.S_IRWXO):
            others = f"{stat.S_IMODE(mode):03o}"
            raise StorageError(f"{rule} that only its owner may read, got '{file}' of mode {others}: chmod 600 '{file}'")
        with file.open("rb") as stream:
            lines = stream.read(_LARGEST).decode().split()
    except (OSError, ValueError) as error:
        raise StorageError(f"{rule}, got '{file}': {getattr(error, 'strerror', None) or 'not text'}") from None
    if len(lines) != 1:
        raise StorageError(f"{rule} and nothing else, got '{file}' with {len(lines)} words")
    return lines[0]
