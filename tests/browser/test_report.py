"""The report of a study, opened from disk in a browser, as on a desk, on a phone and on paper."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import optuna
import pytest
from playwright.sync_api import Browser, Page

from hpo.analysis.recommendation import Recommendation
from hpo.report import explain

from .conftest import keep, opened, tool

WIDTHS = {"desk": 1280, "phone": 390}


@pytest.fixture(scope="module")
def report(folder: Path) -> Path:
    """The page that `hpo study report` writes."""
    file = folder / "report.html"
    subprocess.run([tool("hpo"), "study", "report", "cifar-bn", "-o", str(file)], cwd=folder, check=True, capture_output=True)
    return file


@pytest.fixture(params=WIDTHS)
def page(request: pytest.FixtureRequest, browser: Browser, report: Path, tmp_path: Path) -> Iterator[Page]:
    """The report in a window of that width; a picture of it is kept."""
    with opened(browser, WIDTHS[request.param], 900) as page:
        page.goto(report.as_uri())
        yield page
        keep(page, f"report-{request.param}", tmp_path)


def test_report_shows_what_the_storage_holds(page: Page, study: optuna.Study) -> None:
    """The recommended setting, its trial and its parameters, and a row for every trial."""
    advised = explain(study).analysis.recommendation
    assert isinstance(advised, Recommendation)
    assert page.get_by_text(f"The recommended setting, that of trial {advised.trial}: ").is_visible()
    listed = page.locator("dl").first
    settings = zip(listed.locator("dt").all_inner_texts(), listed.locator("dd").all_inner_texts(), strict=True)
    assert {name: float(text) for name, text in settings} == study.trials[advised.trial].params
    page.get_by_text(f"All {len(study.trials)} trials").click()
    assert page.locator("#trials tbody tr").count() == len(study.trials)
    assert page.locator("#trials tbody tr").first.is_visible()


def test_report_fits_the_window(page: Page) -> None:
    """Nothing but tables and pictures, each in a box of its own, is wider than the window."""
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_pictures_have_words(page: Page) -> None:
    """Every picture has a name for those who do not see it, and a caption that says how many trials it shows."""
    figures = page.locator("figure")
    assert figures.count() >= 6
    for figure in figures.all():
        drawing = figure.locator("svg:visible").first
        assert len(drawing.get_attribute("aria-label") or drawing.locator("desc, title").first.text_content() or "") > 20
        assert "trials" in figure.locator("figcaption").inner_text()


def test_a_mark_tells_its_trial(page: Page, study: optuna.Study) -> None:
    """Pointing at a mark of the history shows the number and the value of its trial."""
    best = study.best_trial
    mark = page.locator("#plot-history svg:visible a").and_(page.locator(f'[*|href="#trial-{best.number}"]')).first
    mark.scroll_into_view_if_needed()
    box, tip = mark.bounding_box(), page.locator("#tip")
    assert box is not None
    for _ in range(20):  # a window that has just been scrolled hides the text again
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        page.wait_for_timeout(100)
        if tip.is_visible():
            break
    assert f"trial {best.number}\n" in tip.inner_text()
    assert f"{100 * best.value:.4g}" in tip.inner_text()


def test_report_prints(browser: Browser, report: Path, tmp_path: Path) -> None:
    """On paper every trial is there, though the list was closed, and the page makes a PDF."""
    with opened(browser, 1280, 900) as page:
        page.goto(report.as_uri())
        page.emulate_media(media="print")
        pdf = page.pdf(path=tmp_path / "report.pdf", format="A4")
        assert pdf.startswith(b"%PDF")
        assert not page.locator(".screen").first.is_visible()
