"""A folder to work in, and two ways to call the command there."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from hpo.cli import main


class Done(NamedTuple):
    """What a command left behind."""

    code: int
    out: str
    err: str


Call = Callable[..., Done]

#: The demonstration study, small enough for a test: 4 trials of 2 epochs on scikit-learn's digits.
SMALL = ("--data", "digits", "--set", "training.epochs=2", "--set", "stage=[{name = 'only', trials = 4}]")

COMMAND = Path(sys.executable).with_name("hpo")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory of this test alone."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def hpo(folder: Path, capsys: pytest.CaptureFixture[str]) -> Call:
    """Carry out a command line in this process, in `folder`."""

    def call(*arguments: str | Path) -> Done:
        capsys.readouterr()
        code = main([str(argument) for argument in arguments])
        return Done(code, *capsys.readouterr())

    return call


@pytest.fixture
def command(folder: Path) -> Call:
    """Call the installed `hpo` in a process of its own, in `folder`; keywords are environment variables."""

    def call(*arguments: str | Path, **environment: str) -> Done:
        done = subprocess.run(
            [COMMAND, *arguments],
            cwd=folder,
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
        )
        return Done(done.returncode, done.stdout, done.stderr)

    return call
