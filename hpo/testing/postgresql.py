"""A throw-away PostgreSQL server from the system's binaries, for tests and measurements; it ends with them, however they end."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

USER, PASSWORD = "keeper", "s3cret/@word"
"""The password has the letters that a URL must escape."""


@dataclass
class Server:
    """A server with files of its own; it may be stopped and started again, at the same address."""

    port: int
    folder: Path
    command: Sequence[str | Path]
    _numbers: Iterator[int] = field(default_factory=count)
    _process: "subprocess.Popen[bytes] | None" = None

    def start(self) -> None:
        """Run it; it takes connections when this returns."""
        with (self.folder / "log").open("a") as log:
            self._process = subprocess.Popen(self.command, stdout=log, stderr=log, cwd=self.folder)
        while not self.answers():
            if self._process.poll() is not None:
                raise RuntimeError((self.folder / "log").read_text())
            time.sleep(0.1)

    def stop(self) -> None:
        """End it at once, whatever its clients do."""
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(timeout=30)

    def url(self, database: str, password: str = "s3cret%2F%40word", host: str = "127.0.0.1") -> str:
        """The storage URL of a database."""
        return f"postgresql://{USER}:{password}@{host}:{self.port}/{database}"

    def fresh(self) -> str:
        """The storage URL of an empty database."""
        name = f"studies{next(self._numbers)}"
        self._execute(f"CREATE DATABASE {name}")
        return self.url(name)

    def answers(self) -> bool:
        """Whether it takes connections yet."""
        import psycopg

        try:
            self._execute("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True

    def _execute(self, statement: str) -> None:
        import psycopg

        with psycopg.connect(
            host=str(self.folder), port=self.port, user=USER, password=PASSWORD, dbname="postgres", autocommit=True
        ) as connection:
            connection.execute(statement.encode())


def why_not() -> str | None:
    """Why there can be no server here; None when there can."""
    if _binaries() is None:
        return "no PostgreSQL server is installed (Debian's package postgresql)"
    try:
        import psycopg  # noqa: F401
    except ImportError:
        return "no driver: pip install 'hpo-lanes[postgresql]'"
    if os.geteuid() == 0 and shutil.which("setpriv") is None:
        return "PostgreSQL refuses to run as root, and there is no setpriv"
    return None


def _binaries() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb")) or [Path(name) for name in [shutil.which("initdb")] if name]
    return found[-1].parent if found else None


@contextmanager
def server(inside: Sequence[str] = (), hosts: str = "127.0.0.1") -> Iterator[Server]:
    """Run a server until the end of the block, where `why_not` knows of no reason against it.

    `inside`: a command that runs it elsewhere, such as in a network of its own. `hosts`: the addresses that it listens on.
    """
    binaries = _binaries()
    assert binaries is not None
    other = ["--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.geteuid() == 0 else []
    as_owner = ["setpriv", *other, "--pdeathsig=KILL", "--"] if shutil.which("setpriv") else []
    with tempfile.TemporaryDirectory(prefix="postgresql-") as name:
        folder = Path(name)
        (folder / "password").write_text(PASSWORD)
        if other:
            for path in (folder, folder / "password"):
                shutil.chown(path, "postgres", "postgres")
        files = ["--pgdata", str(folder / "data"), "--pwfile", str(folder / "password")]
        made = [str(binaries / "initdb"), *files, "--username", USER, "--auth", "scram-sha-256", "--no-sync", "--locale=C.UTF-8"]
        subprocess.run([*as_owner, *made], check=True, capture_output=True, cwd=folder)
        with (folder / "data" / "pg_hba.conf").open("a") as file:
            file.write("host all all samenet scram-sha-256\n")
        port = _free_port()
        settings = {"fsync": "off", "listen_addresses": hosts, "port": port, "unix_socket_directories": folder}
        options = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
        found = Server(port, folder, [*inside, *as_owner, binaries / "postgres", "-D", folder / "data", *options])
        try:
            found.start()
            yield found
        finally:
            found.stop()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])
