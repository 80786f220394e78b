"""The report as text."""

import re
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from hpo.errors import pasted
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


@given(st.text())
def test_any_text_is_no_block(text: str) -> None:
    """Nor does it make anything of one that begins a line of a list."""
    tokens = MarkdownIt("gfm-like", {"linkify": False}).parse(f"- {markdown_text(text)}\n")
    kinds = [token.type for token in tokens if not token.type.startswith(("list", "bullet", "paragraph"))]
    assert kinds in ([], ["inline"])
    assert sum(token.type == "list_item_open" for token in tokens) == 1


BLOCKS = ["- x", "+ x", "1. x", "2) x", "-", "    x", "http://a.b", "see https://a.b", "www.a.b", "# x", "> x"]


@pytest.mark.parametrize("text", BLOCKS)
def test_what_begins_a_block_or_a_link_is_told_as_it_is(text: str) -> None:
    """Lists, code, and what GitHub makes links of."""
    tokens = MarkdownIt("commonmark").parse(f"- {markdown_text(text)}\n")
    assert [token.type for token in tokens][2:4] == ["paragraph_open", "inline"]
    assert tokens[3].children is not None
    assert "".join(child.content for child in tokens[3].children) == text.strip()
    assert not re.search(r"[^\\]://|www\.", markdown_text(text))


PASTED = ["plain", "two words", "it's", "`id` $(id) $HOME !1 \\", "a\nb\n\nc", "\x1b[31m\u2028\u0085é\x0b'", "-x", "|&;<>*?[#~"]


def test_a_pasted_command_keeps_its_words() -> None:
    """Bash gives back each word as it was, and the command is one line of text without control characters."""
    line = pasted(["printf", "%s\\0", *PASTED])
    assert line.isprintable()
    done = subprocess.run(["bash", "-c", line], capture_output=True, env={"LC_ALL": "C.UTF-8"}, check=True)
    assert done.stdout.decode().split("\0")[:-1] == PASTED


def test_the_note_is_short_and_whole(explained: dict[str, Explanation]) -> None:
    """It has the answer, the best settings and the verdicts, and no table of trials."""
    text = note(explained["usual"])
    for sentence in explained["usual"].answer:
        assert markdown_text(sentence) in text
    assert "**not enough evidence**" in text
    assert len(text) < 4000
