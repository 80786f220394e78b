"""The dashboard, served by `hpo` itself."""

import json
import signal
import socket
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

import optuna
import pytest

from .conftest import COMMAND, Call


@contextmanager
def serving(folder: Path, *options: str) -> "Iterator[tuple[subprocess.Popen[str], str]]":
    """A dashboard at a free port, and the address that it names."""
    line = [COMMAND, "dashboard", "--port", "0", *options]
    with subprocess.Popen(line, cwd=folder, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        try:
            yield process, next(said for said in process.stderr if "is shown at" in said).split()[-3]
        finally:
            process.terminate()


def test_dashboard_serves_the_storage(hpo: Call, folder: Path) -> None:
    """It says where it is, on this machine alone, shows the studies of the storage, and ends on Ctrl-C."""
    assert hpo("study", "create", "cifar-bn").code == 0
    with serving(folder) as (process, address):
        with urlopen(f"{address}api/studies", timeout=30) as answer:
            studies = json.load(answer)["study_summaries"]
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 143
        assert process.stderr is not None
        assert process.stderr.read() == "Stopped.\n"
    assert address.startswith("http://127.0.0.1:")
    assert [study["study_name"] for study in studies] == ["cifar-bn"]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a storage that Optuna has made, and many small studies."""
    place = tmp_path_factory.mktemp("dashboard")
    storage = f"sqlite:///{place / 'hpo.db'}"
    for number in range(40):
        optuna.create_study(study_name=f"study-{number}", storage=storage)
    return place


@pytest.fixture(scope="module")
def port(place: Path) -> Iterator[int]:
    """A dashboard that is also known as dash.example and dash.example:8443."""
    with serving(place, "--allow", "dash.example", "--allow", "Dash.Example:8443") as (_, address):
        yield int(address.rstrip("/").rpartition(":")[2])


def asked(port: int, method: str, path: str, *headers: str, body: str = "") -> tuple[int, str]:
    """The status and the text that the server answers to these headers, and no others; PORT stands for its port."""
    lines = [f"{method} {path} HTTP/1.1", *(header.replace("PORT", str(port)) for header in headers)]
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall("\r\n".join([*lines, f"Content-Length: {len(body)}", "", body]).encode())
        answer = b"".join(iter(lambda: connection.recv(65536), b"")).decode()
    return int(answer.split()[1]), answer.partition("\r\n\r\n")[2]


def studies(place: Path) -> list[str]:
    """Names of the studies that are there."""
    return optuna.get_all_study_names(f"sqlite:///{place / 'hpo.db'}")


OWN = "Host: 127.0.0.1:PORT"
FOREIGN_NAMES = [
    ("Host: evil.example:PORT",),
    ("Host: evil.example",),
    ("Host: 127.0.0.1",),
    ("Host: 127.0.0.1:1",),
    ("Host: 127.0.0.1.:PORT",),
    ("Host: localhost.:PORT",),
    ("Host: localhost.evil.example:PORT",),
    ("Host: 127.0.0.1:PORT@evil.example",),
    ("Host: evil.example#127.0.0.1:PORT",),
    ("Host: 2130706433:PORT",),
    ("Host: dash.example:1",),
    ("Host:",),
    (),
    (OWN, "Host: evil.example:PORT"),
    ("Host: evil.example:PORT", OWN),
    (f"{OWN}, evil.example",),
    (OWN, "X-Forwarded-Host: evil.example"),
    ("Host: evil.example:PORT", "X-Forwarded-Host: 127.0.0.1:PORT"),
]


@pytest.mark.parametrize("headers", FOREIGN_NAMES, ids=" + ".join)
def test_other_names_are_refused(headers: Sequence[str], port: int, place: Path) -> None:
    """A page under a name that was made to point here neither reads nor deletes anything, and is told why."""
    before = studies(place)
    for method, path in (("GET", "/api/studies"), ("GET", "/dashboard"), ("HEAD", "/"), ("DELETE", "/api/studies/1")):
        status, text = asked(port, method, path, *headers)
        assert status == 403
        assert method == "HEAD" or text.startswith(f"This dashboard answers at 127.0.0.1:{port}, ")
        assert "study-" not in text
    assert studies(place) == before


FOREIGN_PAGES = [
    ("Origin: http://evil.example",),
    ("Origin: http://evil.example:PORT",),
    ("Origin: http://127.0.0.1:1",),
    ("Origin: http://127.0.0.1",),
    ("Origin: http://127.0.0.1:PORT.evil.example",),
    ("Origin: http://127.0.0.1:PORT@evil.example",),
    ("Origin: ftp://127.0.0.1:PORT",),
    ("Origin: http://[127.0.0.1:PORT",),
    ("Origin: null",),
    ("Origin:",),
    ("Origin: http://127.0.0.1:PORT", "Origin: http://evil.example"),
    ("Origin: http://evil.example", "Referer: http://127.0.0.1:PORT/"),
    ("Referer: http://evil.example/127.0.0.1:PORT",),
    ("Referer: http://evil.example/?http://127.0.0.1:PORT/",),
    ("Sec-Fetch-Site: cross-site",),
    ("Sec-Fetch-Site: same-site",),
    ("Origin: http://127.0.0.1:PORT", "Sec-Fetch-Site: cross-site"),
]  # fmt: skip


@pytest.mark.parametrize("headers", FOREIGN_PAGES, ids=" + ".join)
def test_pages_of_other_sites_change_nothing(headers: Sequence[str], port: int, place: Path) -> None:
    """Whatever a browser says of where a request comes from, another site's request is refused under the right name too."""
    before = studies(place)
    note = json.dumps({"body": "x" * 100_000, "version": 1})
    for method, path in (("DELETE", "/api/studies/1"), ("POST", "/api/studies"), ("PUT", "/api/studies/1/note")):
        status, text = asked(port, method, path, OWN, *headers, body=note)
        assert (status, text[:15]) == (403, "This dashboard ")
    assert studies(place) == before


OWN_PAGES = [
    (OWN,),
    (OWN, "Origin: http://127.0.0.1:PORT", "Sec-Fetch-Site: same-origin"),
    (OWN, "Referer: http://127.0.0.1:PORT/dashboard/studies/1"),
    ("Host: localhost:PORT", "Origin: http://localhost:PORT"),
    ("Host: LocalHost:PORT", "Origin: http://localhost:PORT"),
    ("Host: [::1]:PORT", "Origin: http://[::1]:PORT"),
    ("Host: dash.example", "Origin: https://dash.example"),
    ("Host: dash.example:8443", "Origin: https://dash.example:8443", "X-Forwarded-Host: dash.example:8443"),
]


@pytest.mark.parametrize("headers", OWN_PAGES, ids=" + ".join)
def test_own_pages_work(headers: Sequence[str], port: int, place: Path) -> None:
    """Under its own names, and those that the user has allowed, it shows and deletes studies; no page of others frames it."""
    gone = studies(place)[-1]
    status, text = asked(port, "GET", "/api/studies", *headers)
    assert status == 200
    (number,) = [study["study_id"] for study in json.loads(text)["study_summaries"] if study["study_name"] == gone]
    assert asked(port, "DELETE", f"/api/studies/{number}", *headers)[0] == 204
    assert gone not in studies(place)


def test_links_from_elsewhere_work(port: int) -> None:
    """A link on another site may lead here; a frame of it may not show the page."""
    link = ["GET /dashboard HTTP/1.0", f"Host: 127.0.0.1:{port}", "Referer: http://a.example/", "Sec-Fetch-Site: cross-site"]
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall("\r\n".join([*link, "", ""]).encode())
        head = b"".join(iter(lambda: connection.recv(65536), b"")).partition(b"\r\n\r\n")[0].decode()
    assert head.startswith("HTTP/1.0 200")
    assert "Content-Security-Policy: frame-ancestors 'self'" in head


def test_every_address_of_the_machine_is_its_own(place: Path) -> None:
    """Listening at all addresses, it answers under the one that was called, and warns of who may call."""
    with serving(place, "--host", "0.0.0.0") as (_, address):
        port = int(address.rstrip("/").rpartition(":")[2])
        with socket.create_connection(("127.0.0.2", port), timeout=30) as connection:
            connection.sendall(f"GET /api/studies HTTP/1.0\r\nHost: 127.0.0.2:{port}\r\n\r\n".encode())
            assert connection.recv(12) == b"HTTP/1.0 200"
        assert asked(port, "GET", "/api/studies", "Host: 127.0.0.2:PORT")[0] == 403
