"""Names and numbers in messages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpo.data.text import counted, dimensions, megabytes, shown


@given(text=st.text(max_size=500))
def test_what_is_shown_is_one_printable_line(text: str) -> None:
    """No control character, separator or lone surrogate gets through, and nothing longer than a few lines."""
    line = shown(text)
    assert line.isprintable()
    assert len(line) <= 203
    line.encode()


@pytest.mark.parametrize("name", ["plain", "Schöne Bilder", "日本/図.png", "a b"])
def test_ordinary_names_are_shown_as_they_are(name: str) -> None:
    """Escapes are for what no terminal should see."""
    assert shown(name) == name


def test_a_name_that_is_no_text_is_escaped() -> None:
    """Bytes of a file name that are not UTF-8 reach Python as lone surrogates."""
    assert shown("caf\udce9") == r"caf\udce9"


def test_numbers_are_grouped_and_have_units() -> None:
    """As people write them."""
    assert counted(1, "image") == "1 image"
    assert counted(60_000, "image") == "60,000 images"
    assert megabytes(184_320_000) == "184.3 MB"
    assert dimensions((3, 32, 16)) == "3x32x16"
