"""A study that hpo ran, read by tools that know nothing of hpo: Optuna's own command line and its dashboard in a browser."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import optuna
import pytest
from playwright.sync_api import Browser, Page

from .conftest import opened, serving, tool


@pytest.fixture(scope="module")
def page(folder: Path, browser: Browser) -> Iterator[Page]:
    """A page of a stock optuna-dashboard on the study's file, tall enough to draw every plot."""
    command = [tool("optuna-dashboard"), "sqlite:///hpo.db", "--host", "127.0.0.1"]
    with serving(command, folder) as address, opened(browser, 1400, 2600, address) as page:
        yield page


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
