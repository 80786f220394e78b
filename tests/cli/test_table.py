"""Tables: to the right, to the width, and without anything that steers a terminal."""

from collections import Counter

import pytest

from hpo.cli.table import Column, print_table

COLUMNS = [Column("study"), Column("trials", number=True), Column("title")]
ROWS = [["wide", "5", "The first"], ["narrow", "1234", "The second, whose title is so long that it has to go on in another line"]]


def printed(capsys: pytest.CaptureFixture[str]) -> list[str]:
    """The lines on stdout."""
    return capsys.readouterr().out.splitlines()


def test_numbers_end_below_each_other(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """A column of numbers is aligned to the right, its heading too."""
    monkeypatch.setenv("COLUMNS", "100")
    print_table(COLUMNS, ROWS)
    heading, first, second = (line[:14].rstrip() for line in printed(capsys)[:3])
    assert len(heading) == len(first) == len(second)


def test_nothing_is_cut_where_there_is_no_terminal(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """In a pipe a row is one line, however long."""
    monkeypatch.delenv("COLUMNS", raising=False)
    print_table(COLUMNS, ROWS)
    assert printed(capsys)[2].split(maxsplit=2) == ROWS[1]


@pytest.mark.parametrize("width", [20, 40, 60])
def test_every_letter_survives_a_narrow_terminal(
    width: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Text wraps instead of being cut, no line is too long, and no number is broken."""
    monkeypatch.setenv("COLUMNS", str(width))
    print_table(COLUMNS, ROWS)
    lines = printed(capsys)
    assert max(map(len, lines)) <= width
    assert any("1234" in line for line in lines)
    wanted, found = (Counter("".join(text.split())) for text in ("".join(map("".join, ROWS)), "".join(lines)))
    assert wanted <= found


def test_too_many_columns_become_blocks(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the numbers do not fit beside each other, each row is a block of lines: heading, then value."""
    monkeypatch.setenv("COLUMNS", "40")
    columns = [Column(f"parameter_{number}", number=True) for number in range(6)]
    print_table(columns, [[f"0.{number}" * 3 for number in range(6)]])
    assert [line.split() for line in printed(capsys)][:2] == [["parameter_0", "0.00.00.0"], ["parameter_1", "0.10.10.1"]]


def test_control_characters_are_shown_not_obeyed(capsys: pytest.CaptureFixture[str]) -> None:
    """A name with an escape sequence, a line's end or a lone surrogate is printed as its code, on one line."""
    print_table(COLUMNS, [["\x1b[31mred\x1b[0m", "1", "two\nlines \u202e \udcff"]], title="\x07bell")
    lines = printed(capsys)
    assert lines[0].endswith("\\x07bell")
    assert "\\x1b[31mred\\x1b[0m" in lines[2]
    assert "two\\nlines \\u202e \\udcff" in lines[2]


def test_markup_is_text(capsys: pytest.CaptureFixture[str]) -> None:
    """Square brackets and colons in a name mean nothing."""
    print_table(COLUMNS, [["[bold]x[/bold]", "1", ":smile:"]])
    assert printed(capsys)[1].split() == ["[bold]x[/bold]", "1", ":smile:"]
