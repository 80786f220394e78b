"""`hpo dashboard` in a browser: what a run has left in its study."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import optuna
import pytest
from playwright.sync_api import Browser, Page

from hpo.attributes import REPORT
from hpo.report import explain

from .conftest import keep, opened, serving, tool


@pytest.fixture(scope="module")
def page(folder: Path, browser: Browser) -> Iterator[Page]:
    """A page of the dashboard."""
    with serving([tool("hpo"), "dashboard"], folder) as address, opened(browser, 1400, 2600, address) as page:
        yield page


def test_note_tells_the_answer(page: Page, study: optuna.Study, tmp_path: Path) -> None:
    """The study's note says what to take, and draws it."""
    page.goto("/dashboard/studies/1/note")
    page.get_by_text("is the best guess").first.wait_for()
    assert explain(study).answer[0] in page.locator("body").inner_text()
    picture = page.locator("img[alt^='Overview']").first
    picture.wait_for()
    page.wait_for_function("() => [...document.images].every((one) => one.complete)")
    assert picture.evaluate("image => image.naturalWidth") > 500
    keep(page, "dashboard-note", tmp_path)


def test_figures_are_drawn(page: Page, study: optuna.Study, folder: Path, tmp_path: Path) -> None:
    """Every figure that the run has saved is among the study's plots; the history has the completed trials, value for value."""
    page.goto("/dashboard/studies/1")
    with closing(sqlite3.connect(folder / "hpo.db")) as database:
        keys = [key for (key,) in database.execute("select key from study_system_attributes where key like '%:hpo-%'")]
    saved = {key.split(":")[2] for key in keys}
    assert {"hpo-history", "hpo-curves"} <= saved
    for name in saved:
        page.locator(f"[id='user-defined-plot:{name}'] .main-svg").first.wait_for()
    keep(page, "dashboard", tmp_path)
    lines = page.evaluate("document.getElementById('user-defined-plot:hpo-history').data.map(line => Array.from(line.y || []))")
    values = [f"{100 * trial.value:.4g}" for trial in study.get_trials(states=(optuna.trial.TrialState.COMPLETE,))]
    assert values in [[f"{value:.4g}" for value in line if value is not None] for line in lines]


def test_report_is_served(page: Page, study: optuna.Study, folder: Path) -> None:
    """The artifact is the report, byte for byte."""
    name = study.user_attrs[REPORT]
    answer = page.request.get(f"/artifacts/1/{name}")
    assert answer.ok
    assert answer.body() == (folder / "hpo.files" / "artifacts" / name).read_bytes()


CREATE = """async () => {
    const body = JSON.stringify({study_name: "from-a-page", directions: ["minimize"]});
    const headers = {"Content-Type": "application/json"};
    return (await fetch("/api/studies", {method: "POST", headers, body})).status;
}"""
COUNT = "fetch('/api/studies').then(answer => answer.text()).then(text => text.split('from-a-page').length - 1)"


def test_only_its_own_pages_change_studies(browser: Browser, folder: Path, tmp_path: Path) -> None:
    """A script of its own page makes a study. One of a page under a name that was made to point here does not."""
    copy = shutil.copytree(folder, tmp_path / "copy")
    with serving([tool("hpo"), "dashboard"], copy) as address, browser.new_page() as page:
        rebound = page.goto(address.replace("127.0.0.1", "rebound.example"))
        assert rebound is not None
        assert rebound.status == 403
        assert "under no other name" in page.locator("body").inner_text()
        assert page.evaluate(CREATE) == 403
        page.goto(f"{address}/dashboard")
        assert page.evaluate(COUNT) == 0
        assert page.evaluate(CREATE) == 201
        assert page.evaluate(COUNT) == 1
