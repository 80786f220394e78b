"""Original files from the network, which here is a server of this process."""

import gc
import gzip
import hashlib
import struct
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from typing import Any

import numpy as np
import pytest

from hpo.data import download as downloading
from hpo.data import idx
from hpo.data.download import NotDownloaded, download, unanswered
from hpo.errors import DataUnavailable

NAMES = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte")

Serve = Callable[[Mapping[str, bytes], float], str]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Starts a server of these files, which waits so many seconds before it answers, and gives its address."""
    servers: list[ThreadingHTTPServer] = []
    released = Event()

    def start(files: Mapping[str, bytes], delay: float = 0.0) -> str:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                released.wait(delay)
                content = files.get(self.path.removeprefix("/"))
                self.send_response(404 if content is None else 200)
                self.send_header("Content-Length", str(len(content or b"")))
                self.end_headers()
                if content and self.command == "GET":
                    self.wfile.write(content)

            do_HEAD = do_GET  # noqa: N815 (the name that http.server calls)

            def log_message(self, format: str, *args: Any) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        servers.append(server)
        Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        return f"http://127.0.0.1:{server.server_port}/"

    yield start
    released.set()
    for server in servers:
        server.shutdown()
        server.server_close()


def tiny() -> dict[str, bytes]:
    """Three training images and two test images in MNIST's format."""
    contents = {}
    for part, number in (("train", 3), ("t10k", 2)):
        contents[f"{part}-images-idx3-ubyte"] = struct.pack(">IIII", 2051, number, 28, 28) + bytes([number]) * 784 * number
        contents[f"{part}-labels-idx1-ubyte"] = struct.pack(">II", 2049, number) + bytes(range(number))
    return contents


@pytest.fixture
def mirror(monkeypatch: pytest.MonkeyPatch, serve: Serve) -> Callable[..., str]:
    """Points torchvision's MNIST class to a server of tiny files; what torchvision does with them is its own."""
    from hpo.data.torchvision import datasets

    def point(wrong: str | None = None, missing: str | None = None, delay: float = 0.0) -> str:
        packed = {f"{name}.gz": gzip.compress(content, mtime=0) for name, content in tiny().items()}
        sums = [(f"{name}.gz", hashlib.md5(packed[f"{name}.gz"]).hexdigest()) for name in NAMES]
        served = {name: b"other bytes" if name == wrong else content for name, content in packed.items() if name != missing}
        address = serve(served, delay)
        monkeypatch.setattr(datasets().MNIST, "resources", sums)
        monkeypatch.setattr(datasets().MNIST, "mirrors", [address])
        return address

    return point


@pytest.mark.usefixtures("cache")
def test_what_is_missing_is_downloaded_checked_and_read(mirror: Callable[..., str], tmp_path: Path) -> None:
    """The class of torchvision fetches and checks the files; from then on they are read from where they were put."""
    mirror()
    sums = {name: hashlib.sha256(content).hexdigest() for name, content in tiny().items()}
    original = replace(idx.MNIST, read=partial(idx._read, sums))
    said: list[str] = []
    for _ in range(2):
        images = original.collect(said.append)
    assert said == [f"downloading MNIST into {tmp_path / 'cache' / 'downloads'}"]
    assert images.labels.tolist() == [0, 1, 2, 0, 1]
    assert images.counts == (3, 0, 2)
    assert np.concatenate(list(images.batches))[:, 0, 0, 0].tolist() == [3, 3, 3, 2, 2]


def test_a_download_with_the_wrong_checksum_is_refused(mirror: Callable[..., str], tmp_path: Path) -> None:
    """By torchvision, against its own list."""
    mirror(wrong="train-images-idx3-ubyte.gz")
    with pytest.raises(NotDownloaded, match=r"Error downloading train-images-idx3-ubyte.gz.*corrupted"):
        download("MNIST", tmp_path, print)


@pytest.mark.filterwarnings("ignore::ResourceWarning")  # torchvision does not close the answer of a host that has no such file
def test_a_file_that_the_host_does_not_have_is_named(mirror: Callable[..., str], tmp_path: Path) -> None:
    """With the host's answer."""
    mirror(missing="t10k-labels-idx1-ubyte.gz")
    with pytest.raises(NotDownloaded, match=r"Error downloading t10k-labels-idx1-ubyte.gz.*404"):
        download("MNIST", tmp_path, print)
    gc.collect()  # here, where the warning is expected


def test_a_folder_that_cannot_be_written_is_named(mirror: Callable[..., str], tmp_path: Path) -> None:
    """A file is in its place."""
    mirror()
    (tmp_path / "file").write_text("")
    with pytest.raises(NotDownloaded, match=r"download into .*/file: (Not a directory|File exists)"):
        download("MNIST", tmp_path / "file", print)


def test_a_silent_host_is_given_up(mirror: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Waiting has an end, and the host is named with the reason."""
    monkeypatch.setattr(downloading, "PATIENCE", 0.5)
    address = mirror(delay=20.0)
    begin = time.monotonic()
    with pytest.raises(NotDownloaded, match=rf"{address}train-images-idx3-ubyte.gz: (timed out|no answer within 0.5 s)"):
        download("MNIST", tmp_path, print)
    assert time.monotonic() - begin < 5


def test_hosts_are_asked_at_the_same_time(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten silent hosts take no longer than one; one that answers, if only with an error, is not among the silent."""
    monkeypatch.setattr(downloading, "PATIENCE", 0.5)
    silent = [f"{serve({}, 20.0)}{number}" for number in range(10)]
    answering = f"{serve({}, 0.0)}x"
    begin = time.monotonic()
    assert list(unanswered([*silent, answering, "no-scheme"])) == [*silent, "no-scheme"]
    assert time.monotonic() - begin < 5


def test_the_time_out_of_other_sockets_is_left_alone(mirror: Callable[..., str], tmp_path: Path) -> None:
    """The default is changed during a download only."""
    import socket

    mirror()
    download("MNIST", tmp_path, print)
    assert socket.getdefaulttimeout() is None


@pytest.mark.usefixtures("cache")
def test_a_download_of_the_wrong_contents_is_told(mirror: Callable[..., str]) -> None:
    """The sums of torchvision fit these files, ours do not: nothing is believed twice."""
    mirror()
    with pytest.raises(DataUnavailable, match="train-images-idx3-ubyte has the wrong checksum"):
        idx.MNIST.collect(print)
