"""The README keeps its word. Its two ```sh blocks, the installation and tox itself, are run by .ci/run and on a fresh machine."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
README = PAGES[0].read_text()


def blocks(language: str) -> list[str]:
    """The README's code blocks of one language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)


COMMANDS = [
    shlex.split(line.removeprefix("$ "), comments=True)
    for block in (*blocks("sh"), *blocks("console"))
    for line in block.splitlines()
    if line.removeprefix("$ ").startswith("hpo ")
]


@pytest.mark.parametrize("command", COMMANDS, ids=shlex.join)
def test_commands_exist(command: list[str], tmp_path: Path) -> None:
    """Every `hpo` line names a command that is there, and options that it has."""
    words = [word for word in command[1:] if word.isalpha()][: 1 if command[1] in {"dashboard", "doctor"} else 2]
    hpo = Path(sys.executable).with_name("hpo")
    done = subprocess.run([hpo, *words, "--help"], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert [word for word in command if word.startswith("--") and word not in done.stdout] == []


def test_first_block_runs_a_study_and_the_second_tox() -> None:
    """The blocks keep their order: .ci/run takes the second one."""
    first, second = blocks("sh")
    assert first.endswith("\nhpo study run cifar-bn --data digits\n")
    assert second.endswith("\ntox\n")


def without_numbers(text: str) -> list[str]:
    """The lines of an output, its numbers as #, one space between two words."""
    return [" ".join(re.sub(r"\d[\d.,]*(e[+-]\d+)?", "#", line).split()) for line in text.splitlines()]


def test_the_first_command_prints_what_the_readme_shows(tmp_path: Path) -> None:
    """As many lines, the same titles and columns for each stage, and three sentences; numbers depend on the processor."""
    (shown,) = blocks("text")
    hpo = Path(sys.executable).with_name("hpo")
    command = blocks("sh")[0].splitlines()[-1]
    done = subprocess.run([hpo, *shlex.split(command)[1:]], cwd=tmp_path, capture_output=True, text=True, check=True)
    found, expected = without_numbers(done.stdout), without_numbers(shown)
    tables = expected.index("")
    assert len(found) == len(expected)
    assert found[: tables + 1] == expected[: tables + 1]
    assert [line.split()[0] for line in found[tables + 1 :]] == [line.split()[0] for line in expected[tables + 1 :]]


def test_what_a_run_leaves_is_not_to_be_committed(tmp_path: Path) -> None:
    """Git ignores the storage and the files beside it, where the first command is given in the checkout."""
    if not (ROOT / ".git").exists():
        pytest.skip("not a checkout")
    left = ["hpo.db", "hpo.db-wal", "hpo.files/artifacts/report"]
    done = subprocess.run(["git", "check-ignore", *left], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout.split() == left


@pytest.mark.parametrize("block", blocks("python"))
def test_python_runs(block: str, tmp_path: Path) -> None:
    """A Python block runs as printed."""
    done = subprocess.run([sys.executable, "-c", block], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    """Every link to a file of this project has that file at its end."""
    links = re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text())
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_the_picture_is_of_the_first_command() -> None:
    """`python -m benchmarks overview` runs what the README's first block does, and what it draws is there."""
    from benchmarks import overview

    assert blocks("sh")[0].splitlines()[-1] == f"hpo study run {' '.join(overview.STUDY)}"
    assert overview.FILE == ROOT / "docs" / "overview.png"
    assert f"](docs/{overview.FILE.name})" in README
    assert overview.FILE.read_bytes().startswith(b"\x89PNG")
