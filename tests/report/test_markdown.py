"""The report as text."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from hpo.report import Explanation, markdown
from hpo.report.templating import markdown_text
from hpo.report.text import note

from ..fakes.odd_studies import ODD


@pytest.mark.parametrize("name", ["usual", "theirs", "whole", *ODD])
def test_tables_are_tables(name: str, explained: dict[str, Explanation]) -> None:
    """A Markdown reader finds the answer, every heading, and tables whose rows have as many cells as their heads."""
    text = markdown(explained[name])
    tokens = MarkdownIt("commonmark", {"html": True}).enable("table").parse(text)
    headings = [
        tokens[place + 1].content for place, token in enumerate(tokens) if token.type == "heading_open" and token.tag == "h2"
    ]
    assert headings[0] == "Answer"
    assert headings[-3:] == ["Protocol", "Environment", "Left out"]
    assert not [token for token in tokens if token.type.startswith("html")]
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert all(line.rstrip().endswith("|") for line in rows)
    assert sum(token.type == "tr_open" for token in tokens) == len([line for line in rows if not re.fullmatch(r"[|-]+", line)])


@given(st.text())
def test_any_text_stays_text(text: str) -> None:
    """Whatever a user calls a thing, a Markdown reader shows it and makes nothing of it."""
    inline = MarkdownIt("commonmark").enable("table").parseInline(f"x {markdown_text(text)} x")[0]
    assert {child.type for child in inline.children or ()} <= {"text"}


def test_the_note_is_short_and_whole(explained: dict[str, Explanation]) -> None:
    """It has the answer, the best settings and the verdicts, and no table of trials."""
    text = note(explained["usual"])
    for sentence in explained["usual"].answer:
        assert markdown_text(sentence) in text
    assert "**not enough evidence**" in text
    assert len(text) < 4000
