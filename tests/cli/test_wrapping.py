"""Sentences on a terminal: broken between words, never within one, nor within what is to be copied."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpo.cli.wrapping import cells, units, wrapped

from .conftest import SMALL, Call
from .test_studies import on_terminal

LINES = (
    "50 trials still to do; go on with: hpo study run --storage sqlite:////home/me/a-long-folder/studies.db my-study",
    "unknown study 'cifar-nb': did you mean 'cifar-bn'? it must be cifar-bn, cifar-multilayer, or the path of a study file",
    "ask for them with `hpo study run cifar-bn --trials 20`, or look at them with `hpo study trials cifar-bn`",
    "images must be whole, got 'a file with spaces.png in /srv/images/of my own': repair or remove it",
    "training  optimizer = momentum, learning_rate = 0.01, momentum = 0.9, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-08",
    "  space.eta: unknown option 'learning_rat': did you mean 'learning_rate'? it must be batch_norm, batch_size or beta1",
)


@pytest.mark.parametrize("width", [20, 40, 60, 80, 200])
@pytest.mark.parametrize("line", LINES)
def test_nothing_is_broken_that_belongs_together(line: str, width: int) -> None:
    """A line is too long only where a single unit is, and all units are there in their order."""
    lines = wrapped(line, width).split("\n")
    assert [unit for each in lines for unit in units(each)] == units(line)
    for each in lines:
        assert cells(each) <= width or len(units(each.removeprefix("training"))) == 1


def test_commands_and_quotes_are_units() -> None:
    """Whole commands, with their options, and texts in quotes, with the punctuation behind them."""
    assert units(LINES[0])[-1] == "hpo study run --storage sqlite:////home/me/a-long-folder/studies.db my-study"
    assert "`hpo study run cifar-bn --trials 20`," in units(LINES[2])
    assert "'a file with spaces.png in /srv/images/of my own':" in units(LINES[3])


def test_lines_go_on_below_what_they_are_about() -> None:
    """Under the text of a line that has a head, two columns further in under a line that is indented."""
    assert all(each.startswith(" " * 10) for each in wrapped(LINES[4], 60).split("\n")[1:])
    assert all(re.match(r" {4}\S", each) for each in wrapped(LINES[5], 60).split("\n")[1:])


@given(st.text(st.characters(categories=["L", "N", "P", "Zs"]), max_size=200), st.integers(10, 100))
def test_no_word_is_lost_or_broken(text: str, width: int) -> None:
    """Whatever the text, its words stay whole and in order."""
    assert "".join(wrapped(text, width).split()) == "".join(text.split())


@pytest.mark.parametrize("columns", [60, 80, 200])
def test_a_run_fits_its_terminal(columns: int, folder: Path) -> None:
    """What a run leaves on a terminal has no line that is too long, and the first one says what it is doing."""
    code, said = on_terminal(["study", "run", "cifar-bn", *SMALL, "--engine", "serial"], folder, COLUMNS=str(columns))
    lines = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", said).replace("\r\n", "\n").split("\n")
    assert code == 0
    assert lines[0] == "loading PyTorch and Optuna ..."
    lines = [line.rpartition("\r")[2] for line in lines]
    assert [line for line in lines if cells(line) > columns and len(units(line)) > 1] == []


def test_a_pipe_gets_whole_lines(command: Call, folder: Path) -> None:
    """Nothing is wrapped where there is no terminal, whatever COLUMNS says, and nothing is said of loading."""
    done = command("study", "run", "cifar-bn", *SMALL, "--engine", "serial", COLUMNS="40")
    assert "loading" not in done.err
    assert any(len(line) > 100 for line in done.err.splitlines())
    assert done.out.splitlines()[-4].startswith("Take ")
