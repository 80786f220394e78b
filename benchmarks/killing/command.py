"""The real command on a small study: what it was given, what it said, and what became of the study."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import psutil

HPO = Path(sys.executable).with_name("hpo")

STUDY = """\
title = "A small study, for hard times"
[data]
name = "digits"
train = 500
validation = 500
[model]
name = "mlp"
hidden = [20]
[training]
epochs = 4
batch_size = 50
[space]
eta = {{ option = "learning_rate", low = 0.01, high = 0.7, log = true }}
momentum = {{ low = 0.0, high = 0.9 }}
[search]
pruner = "successive-halving"
[[stage]]
name = "only"
trials = {trials}
[execution]
groups = 2
cohort = {cohort}
lanes = 8
"""


class Done(NamedTuple):
    """A command that has ended."""

    code: int
    said: str
    """Its output and its messages, mixed as on a terminal."""


def write_study(folder: Path, trials: int, cohort: int) -> None:
    """Write study.toml into a folder, for a study of one stage."""
    (folder / "study.toml").write_text(STUDY.format(trials=trials, cohort=cohort))


def begin(folder: Path, *line: str, wrapper: tuple[str, ...] = (), **options: Any) -> "subprocess.Popen[str]":
    """Start the command in a folder; `wrapper` stands before it, as in `nice -n 19 hpo ...`."""
    variables = {**os.environ, "HPO_CACHE_DIR": str(folder / "cache"), **options.pop("variables", {})}
    options = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "stdin": subprocess.DEVNULL, **options}
    return subprocess.Popen([*wrapper, str(HPO), *line], cwd=folder, env=variables, text=True, **options)


def end(process: "subprocess.Popen[str]") -> Done:
    """Wait for a command."""
    said = process.communicate()[0] or ""
    return Done(process.returncode, said)


def run(folder: Path, *line: str, **options: Any) -> Done:
    """Carry out a command in a folder."""
    return end(begin(folder, *line, **options))


def staff(driver: int) -> tuple[psutil.Process | None, list[psutil.Process]]:
    """The fork server of a driver, and the workers that it has."""
    try:
        children = psutil.Process(driver).children()
        parent = next((child for child in children if "hpo.engines.forking" in " ".join(child.cmdline())), None)
        return parent, parent.children() if parent is not None else []
    except psutil.NoSuchProcess:
        return None, []


def study_of(folder: Path, name: str = "study", storage: str = "sqlite:///hpo.db") -> dict[str, Any]:
    """What `study show --json` tells of a study."""
    done = run(folder, "study", "show", name, "--storage", storage, "--json")
    if done.code:
        raise RuntimeError(done.said)
    found: dict[str, Any] = json.loads(done.said)["study"]
    return found


def hash_of(folder: Path, **place: str) -> str:
    """The trial table's hash."""
    return str(study_of(folder, **place)["trial_table_hash"])
