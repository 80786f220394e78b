"""The report as one file: whole, safe, small and readable by machines."""

import json
import re
from collections import Counter
from html.parser import HTMLParser

import pytest

from hpo.report import Explanation, explain, html, plain

from ..fakes.made_studies import made
from ..fakes.odd_studies import ODD

NAMES = ["usual", "theirs", "whole", *ODD]
VOID = {"meta", "link", "br", "img"}


class Page(HTMLParser):
    """The elements of a page, its text, and whether every element is closed in its place."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element that opens."""
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element that is empty."""
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        """Hold that an element closes in its place."""
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Gather what a reader sees."""
        if not {"script", "style"} & set(self.open):
            self.text += data


class Pages(dict[str, str]):
    """Reports by the name of their study, each made when it is first asked for, and then kept."""

    def __init__(self, explained: dict[str, Explanation]) -> None:
        self.explained = explained

    def __missing__(self, name: str) -> str:
        """The report of a study."""
        self[name] = html(self.explained[name])
        return self[name]


@pytest.fixture(scope="module")
def pages(explained: dict[str, Explanation]) -> dict[str, str]:
    """Reports by the name of their study."""
    return Pages(explained)


@pytest.mark.parametrize("name", NAMES)
def test_it_stands_by_itself(name: str, pages: dict[str, str]) -> None:
    """Nothing in it is fetched from anywhere, and no name is given twice."""
    page = Page(pages[name])
    links = [
        value for _, attrs in page.elements for key, value in attrs.items() if key in ("src", "href", "xlink:href", "action")
    ]
    assert [link for link in links if link and not link.startswith(("#", "data:"))] == []
    assert not re.search(r"@import|url\((?!#|data:)", pages[name])
    names = [attrs["id"] for _, attrs in page.elements if "id" in attrs]
    assert [each for each, count in Counter(names).items() if count > 1] == []
    assert {link[1:] for link in links if link and link.startswith("#")} <= set(names)
    assert len(pages[name].encode()) < 3_000_000


@pytest.mark.parametrize("name", NAMES)
def test_pictures_have_words(name: str, pages: dict[str, str]) -> None:
    """Each has a sentence for those who do not see it, a caption with n, and no stop for the keyboard."""
    page = Page(pages[name])
    pictures = [attrs for tag, attrs in page.elements if tag == "svg"]
    assert all(attrs["role"] == "img" and (attrs["aria-label"] or "").endswith(".") for attrs in pictures)
    assert all(attrs.get("tabindex") == "-1" for tag, attrs in page.elements if tag == "a")
    assert pages[name].count("<figcaption>") == len(pictures) - pages[name].count('<div class="small">')


def test_alt_texts_are_the_findings(pages: dict[str, str], explained: dict[str, Explanation]) -> None:
    """The sentences of the findings stand for the pictures that show them."""
    labels = " ".join(attrs["aria-label"] or "" for tag, attrs in Page(pages["whole"]).elements if tag == "svg")
    told = [finding.sentence for finding in explained["whole"].findings if finding.kind == "divergence-boundary"]
    assert told
    assert told[0] in labels


def test_it_says_what_the_study_holds(pages: dict[str, str], explained: dict[str, Explanation]) -> None:
    """The question, the answer, the claims with their verdicts, and a row for every trial."""
    page, found = Page(pages["usual"]), explained["usual"]
    text = " ".join(page.text.split())
    assert found.spec is not None
    assert found.spec.title in text
    for sentence in (
        *found.answer,
        *(finding.sentence for finding in found.findings),
        *(finding.claim for finding in found.findings),
    ):
        assert sentence in text
    rows = [attrs["id"] for tag, attrs in page.elements if tag == "tr" and "id" in attrs]
    assert rows == [f"trial-{number}" for number in range(50)]
    assert "39 trials were given up early and so have no final values." in text


def test_marks_lead_to_trials(pages: dict[str, str]) -> None:
    """Every mark of a plot is a link to the row of its trial."""
    links = {attrs["xlink:href"] for tag, attrs in Page(pages["usual"]).elements if tag == "a"}
    assert links == {f"#trial-{number}" for number in range(50)}


def test_names_of_users_are_text(pages: dict[str, str]) -> None:
    """Markup, templates and control characters in names are shown and not obeyed."""
    page = Page(pages["hostile_names"])
    scripts = [tag for tag, _ in page.elements if tag == "script"]
    assert len(scripts) == 1
    assert "<script>alert('x')</script>" in page.text
    assert "{{ 7 * 7 }}" in page.text
    assert not re.search(r"[\x00-\x08\x0b-\x1f\u202e]", pages["hostile_names"])


@pytest.mark.parametrize("name", ["usual", "several_objectives"])
def test_the_same_study_gives_the_same_page(name: str, pages: dict[str, str]) -> None:
    """No date, no random name: two reports of one study are equal."""
    study = made(50) if name == "usual" else ODD[name]()
    assert html(explain(study)) == (pages[name] if name == "usual" else html(explain(study)))


@pytest.mark.parametrize("name", NAMES)
def test_json_has_all_of_it(name: str, explained: dict[str, Explanation]) -> None:
    """The same as JSON, strictly: no NaN, and reasons where there are no numbers."""
    found = json.loads(json.dumps(plain(explained[name]), allow_nan=False))
    assert found["answer"] == list(explained[name].answer)
    assert [each["verdict"] for each in found["findings"]] == [each.verdict for each in explained[name].findings]
    assert set(found["analysis"]) == set(explained[name].analysis._fields) - {"history"}


def test_a_study_file_of_another_version() -> None:
    """A stored file that this version cannot read is no reason to say nothing."""
    study = made(12)
    study.set_user_attr("hpo:spec", {"version": 2, "study": {"title": "from the future", "wormholes": 3}})
    found = explain(study)
    assert found.spec is None
    assert "its study file is of another version of hpo" in found.remarks[0]
    assert "of another version of hpo" in html(found)


def test_the_overview_stands_at_the_top(pages: dict[str, str]) -> None:
    """Right after the answer and before everything else, drawn for a wide page and for a narrow one; so are all others."""
    text = pages["usual"]
    assert text.index("<h2>Answer</h2>") < text.index('id="plot-overview"') < text.index("<h2>Best setting</h2>")
    kinds = re.findall(r'<figure id="plot-([a-z]+)">.*?</figure>', text, re.DOTALL)
    small = re.findall(r'<figure id="plot-([a-z]+)">(?:(?!</figure>).)*<div class="small">', text, re.DOTALL)
    assert small == kinds
    assert len(small) == 9


def test_what_would_bring_a_picture_is_said(pages: dict[str, str]) -> None:
    """Of a study without enough completed trials the list of what is left out names the command."""
    left = Page(html(explain(made(3)))).text
    assert "No plot 'overview': a model of the study needs at least 4 completed trials, and there are 3" in " ".join(left.split())
