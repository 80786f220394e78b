"""A real browser, a study that the command line has run, and a server on its storage."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import optuna
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)

#: The browser asks nothing of the network but the page.
QUIET = [f"--disable-{each}" for each in ("quic", "background-networking", "component-update", "sync")]
#: A name whose owner lets it point to this machine.
QUIET.append("--host-resolver-rules=MAP rebound.example 127.0.0.1")


def tool(name: str) -> str:
    """The path of a command that is installed beside this Python."""
    return str(Path(sys.executable).with_name(name))


@pytest.fixture(scope="package")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A working directory in which the command of the README has been run."""
    folder = tmp_path_factory.mktemp("work")
    command = [tool("hpo"), "study", "run", "cifar-bn", "--data", "digits", "--trials", "35"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


@pytest.fixture(scope="package")
def study(folder: Path) -> optuna.Study:
    """The study, as plain Optuna reads it."""
    return optuna.load_study(study_name="cifar-bn", storage=f"sqlite:///{folder / 'hpo.db'}")


@pytest.fixture(scope="package")
def trials(study: optuna.Study) -> list[optuna.trial.FrozenTrial]:
    """Its trials."""
    return study.trials


@contextmanager
def serving(command: Sequence[str], folder: Path) -> Iterator[str]:
    """The address of a dashboard, whose command is given all but its port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen([*command, "--port", str(port)], cwd=folder, **quiet) as server:
        try:
            _wait_for(f"http://127.0.0.1:{port}/dashboard", server)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()


def _wait_for(address: str, server: "subprocess.Popen[bytes]") -> None:
    """Return once the server answers; an AssertionError when it ends or says nothing for 30 seconds."""
    for _ in range(300):
        assert server.poll() is None, "the dashboard ended at once"
        try:
            return urlopen(address, timeout=5).close()
        except URLError:
            time.sleep(0.1)
    raise AssertionError("the dashboard does not answer")


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Chromium, without a window."""
    if CHROMIUM is None:
        pytest.skip("no Chromium on the PATH")
    with sync_playwright() as playwright, playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET) as browser:
        yield browser


@contextmanager
def opened(browser: Browser, width: int, height: int, base: str | None = None) -> Iterator[Page]:
    """A page; an error of a script or on its console, or a request that leaves this machine, fails the test at its end."""
    page = browser.new_page(base_url=base, viewport={"width": width, "height": height})
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    own = ("file:", "data:", "blob:", *([base] if base else []))
    page.on("request", lambda request: None if request.url.startswith(own) else errors.append(f"asked for {request.url}"))
    yield page
    page.close()
    assert not errors


def keep(page: Page, name: str, folder: Path) -> None:
    """A picture of the whole page, for a look: in the test's folder, or where HPO_TEST_SCREENSHOTS says."""
    page.screenshot(path=Path(os.environ.get("HPO_TEST_SCREENSHOTS") or folder) / f"{name}.png", full_page=True)
