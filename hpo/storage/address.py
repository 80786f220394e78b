"""Storage URLs: which ones can be used, where their SQLite file lies, and how to name them without their password."""

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import platformdirs
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from ..errors import StorageError, choices, hidden

DEFAULT_URL = "sqlite:///hpo.db"
DRIVERS = {"mariadb": "pymysql", "mysql": "pymysql", "postgresql": "psycopg"}
"""For the database servers that can be used, the driver that hpo's extra of that name brings along."""


@dataclass(frozen=True, slots=True)
class Address:
    """A storage URL that hpo can use."""

    url: str
    """With its password: for connecting, never for a message."""
    file: Path | None
    """The SQLite file, absolute; None for a database server."""

    def __str__(self) -> str:
        return hidden(self.url)

    def __repr__(self) -> str:
        return f"Address({self})"

    @property
    def engine_url(self) -> str:
        """For SQLAlchemy, whose own default drivers are not those that hpo's extras bring along."""
        parsed = make_url(self.url)
        driver = DRIVERS.get(parsed.drivername)
        if driver is None or find_spec(driver) is None:
            return self.url
        return parsed.set(drivername=f"{parsed.drivername}+{driver}").render_as_string(hide_password=False)

    @property
    def folder(self) -> Path:
        """Where the files of this storage's studies lie: beside the SQLite file, else among the user's data."""
        if self.file is None:
            return platformdirs.user_data_path("hpo") / "files"
        return self.file.with_name(f"{self.file.stem}.files")


def parse(url: str) -> Address:
    """Check a storage URL.

    Raises StorageError for one that no database can be reached by, or whose studies would not outlive the process.
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        hint = f"; for the file '{url}' write sqlite:///{url}" if url and "://" not in url and "@" not in url else ""
        raise StorageError(f"a storage is a URL such as {DEFAULT_URL}, got '{hidden(url)}'{hint}") from None
    kind = parsed.get_backend_name()
    if kind == "sqlite" and parsed.drivername in ("sqlite", "sqlite+pysqlite"):
        return Address(url, _file(parsed))
    if kind not in DRIVERS:
        raise StorageError(f"a storage is one of {choices(('sqlite', *DRIVERS))}, got '{hidden(url)}'")
    return Address(url, None)


def _file(url: URL) -> Path:
    name = url.database or ""
    if name in ("", ":memory:"):
        raise StorageError(
            f"a study must outlive the process, but '{hidden(str(url))}' is a database in memory: write {DEFAULT_URL}"
            " for the file hpo.db of this folder (three slashes), four for an absolute path"
        )
    if name.startswith("file:") or url.query:
        raise StorageError(f"an SQLite storage is a plain path such as {DEFAULT_URL}, got '{hidden(str(url))}'")
    if "\0" in name:
        raise StorageError(f"a path has no NUL in it, got {name!r}")
    return Path(name).absolute()
