"""A study that hpo ran, read by tools that know nothing of hpo: Optuna's own command line and its dashboard in a browser."""

import json
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import optuna
import pytest
from playwright.sync_api import Page, sync_playwright

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)

#: The browser asks nothing of the network but the page.
QUIET = [f"--disable-{each}" for each in ("quic", "background-networking", "component-update", "sync")]


def tool(name: str) -> str:
    """The path of a command that is installed beside this Python."""
    return str(Path(sys.executable).with_name(name))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A working directory in which the command of the README has been run."""
    folder = tmp_path_factory.mktemp("work")
    command = [tool("hpo"), "study", "run", "cifar-bn", "--data", "digits", "--trials", "12"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


@pytest.fixture(scope="module")
def trials(folder: Path) -> list[optuna.trial.FrozenTrial]:
    """The study's trials, as plain Optuna reads them."""
    return optuna.load_study(study_name="cifar-bn", storage=f"sqlite:///{folder / 'hpo.db'}").trials


@pytest.fixture(scope="module")
def dashboard(folder: Path) -> Iterator[str]:
    """The address of a stock optuna-dashboard on the study's file."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [tool("optuna-dashboard"), "sqlite:///hpo.db", "--host", "127.0.0.1", "--port", str(port)]
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            wait_for(f"http://127.0.0.1:{port}/dashboard", server)
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()


def wait_for(address: str, server: "subprocess.Popen[bytes]") -> None:
    """Return once the server answers; an AssertionError when it ends or says nothing for 30 seconds."""
    for _ in range(300):
        assert server.poll() is None, "optuna-dashboard ended at once"
        try:
            return urlopen(address, timeout=5).close()
        except URLError:
            time.sleep(0.1)
    raise AssertionError("optuna-dashboard does not answer")


@pytest.fixture(scope="module")
def page(dashboard: str) -> Iterator[Page]:
    """A page of a real browser, tall enough to draw every plot; an error of a script or on its console fails the last test."""
    if CHROMIUM is None:
        pytest.skip("no Chromium on the PATH")
    with sync_playwright() as playwright, playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET) as browser:
        page = browser.new_page(base_url=dashboard, viewport={"width": 1400, "height": 2600})
        errors: list[object] = []
        page.on("pageerror", lambda error: errors.append(error))  # not the method itself: Playwright marks what it is given
        page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
        yield page
        assert not errors


def test_optuna_lists_the_study(folder: Path, trials: list[optuna.trial.FrozenTrial]) -> None:
    """`optuna studies` names it, with its direction and its number of trials."""
    command = [tool("optuna"), "studies", "--storage", "sqlite:///hpo.db", "--format", "json"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    (study,) = json.loads(done.stdout)
    assert (study["name"], study["direction"], study["n_trials"]) == ("cifar-bn", ["MAXIMIZE"], len(trials))


def test_dashboard_opens_the_study(page: Page) -> None:
    """The list of studies leads to it."""
    page.goto("/dashboard")
    page.get_by_text("cifar-bn").first.click()
    page.wait_for_url("**/dashboard/studies/*")
    page.get_by_text("Best Trial").first.wait_for()


def test_dashboard_draws_the_curves(page: Page, trials: list[optuna.trial.FrozenTrial]) -> None:
    """Each trial that reported has its curve, value for value."""
    page.goto("/dashboard/studies/1")
    plot = page.locator("#graph-intermediate-values .trace").first
    plot.wait_for()
    drawn = page.evaluate("document.getElementById('graph-intermediate-values').data.map(curve => Array.from(curve.y))")
    assert drawn == [list(trial.intermediate_values.values()) for trial in trials if trial.intermediate_values]


def test_dashboard_shows_the_pruned_as_pruned(page: Page, trials: list[optuna.trial.FrozenTrial]) -> None:
    """The list of trials gives each its state, and successive halving has left some pruned and some complete."""
    page.goto("/dashboard/studies/1/trials")
    entries = page.get_by_role("button").filter(has_text="Trial ")
    entries.first.wait_for()
    states = dict(text.split("\n")[:2] for text in entries.all_inner_texts())
    assert states == {f"Trial {trial.number}": trial.state.name.title() for trial in trials}
    assert {"Pruned", "Complete"} <= set(states.values())
