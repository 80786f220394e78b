"""`hpo study settle`: what is said, what comes out, and what is refused."""

import json
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import optuna
import pytest

from hpo.runner import load, trial_table_hash
from hpo.storage import connect

from .conftest import COMMAND, Call

STUDY = """
title = "A study for tests"
data = { name = "digits" }
model = { name = "linear" }
training = { epochs = 2 }
stage = [{ name = "only", trials = 6 }]
[space]
eta = { option = "learning_rate", low = 0.001, high = 0.5, log = true }
momentum = { low = 0.0, high = 0.5 }
[search]
REPLICATES
[[finding]]
claim = "A rate of .1 and more is better than one of .003 and less"
test = { kind = "difference", group = { eta = { above = 0.1 } }, against = { eta = { below = 0.003 } }, direction = "higher" }
[[finding]]
claim = "Momentum alone matters"
test = { kind = "importance-order", order = ["momentum", "eta"] }
"""

BEST = """
[[finding]]
claim = "The best is far ahead"
test = { kind = "difference", group = { rank = 1 }, against = { rank = [2, 3] }, direction = "higher", at_least = 0.3 }
"""


def run(hpo: Call, folder: Path, text: str = STUDY, replicates: int = 1) -> None:
    """Run the study of a file."""
    (folder / "study.toml").write_text(text.replace("REPLICATES", f"replicates = {replicates}"))
    done = hpo("study", "run", "study.toml", "--engine", "serial")
    assert done.code == 0, done.err


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the study was run to its end."""
    folder = tmp_path_factory.mktemp("finished")
    (folder / "study.toml").write_text(STUDY.replace("REPLICATES", "replicates = 1"))
    subprocess.run([COMMAND, "study", "run", "study.toml", "--engine", "serial"], cwd=folder, check=True, capture_output=True)
    return folder


@pytest.fixture
def ran(finished: Path, folder: Path, hpo: Call) -> Call:
    """The command in a copy of that folder."""
    shutil.copytree(finished, folder, dirs_exist_ok=True)
    return hpo


SETTLE = ("study", "settle", "study", "--engine", "serial")


def test_claims_are_settled(ran: Call) -> None:
    """What is expected is said before, each look as it comes, and the verdicts at the end; a second call finds nothing to do."""
    done = ran(*SETTLE, "--time", "60s")
    assert done.code == 0, done.err
    assert "claim 1, 'A rate of .1 and more is better than one of .003 and less': Supported." in done.out
    assert "claim 2, 'Momentum alone matters': Contradicted." in done.out
    assert "training steps, about" in done.err
    assert "claim 1: 1 trial in each group; 4 more" in done.err
    assert "of evidence in" in done.err
    again = ran(*SETTLE, "--json")
    assert "nothing to settle: each claim has its verdict" in again.err
    records = json.loads(again.out)["settled"]
    assert [record["verdict"] for record in records] == ["supported", "contradicted"]
    assert all(record["looks"] and record["trials"] and record["networks"] for record in records)
    shown = ran("study", "show", "study")
    assert "only: 6 of 6 trials" in shown.out
    assert "6 trials, and" in shown.out


def test_one_claim_within_steps(ran: Call) -> None:
    """--claim settles that one alone, and --steps is what it may take."""
    done = ran(*SETTLE, "--claim", "2", "--steps", "100", "--json")
    assert done.code == 0, done.err
    (record,) = json.loads(done.out)["settled"]
    assert record["claim"] == 2
    trials = json.loads(ran("study", "trials", "study", "--json").out)["trials"]
    assert {trial["evidence"] for trial in trials} <= {None, "claims"}
    assert sum(trial["epochs"] * 7 for trial in trials if trial["evidence"]) <= 100


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--time", "soon"), "--time must be a time above 0, such as 90s, 5m or 1h, got 'soon'"),
        (("--time", "0s"), "--time must be a time above 0, such as 90s, 5m or 1h, got '0s'"),
        (("--time", "-5m"), "--time must be a time above 0, such as 90s, 5m or 1h, got '-5m'"),
        (("--time", "nan"), "--time must be a time above 0"),
        (("--steps", "0"), "--steps must be at least 1, got 0"),
        (("--steps", "-3"), "--steps must be at least 1, got -3"),
        (("--steps", "many"), "many"),
        (("--time", "5m", "--steps", "3"), "a budget is --time or --steps, got 5m and 3"),
        (("--claim", "3"), "--claim names a claim of the study file, which has 2 claims, 1 to 2, got 3"),
        (("--claim", "0"), "got 0"),
    ],
)
def test_bad_options_are_refused(ran: Call, options: tuple[str, ...], told: str) -> None:
    """A budget that is none, and a claim that is not there: one sentence, exit code 2, and nothing trained."""
    done = ran(*SETTLE, *options)
    assert done.code == 2
    assert told in done.err
    assert "Traceback" not in done.err
    assert "evidence" not in ran("study", "show", "study").out.replace("the evidence for", "")


def test_studies_that_cannot_be_settled(ran: Call, folder: Path) -> None:
    """Not there, not run, without claims, made by another program, or with claims that evidence cannot serve."""
    assert ran("study", "settle", "nothing").code == 3
    assert ran("study", "create", "study.toml", "--name", "fresh").code == 0
    fresh = ran("study", "settle", "fresh")
    assert (fresh.code, "'fresh' has no trials yet: hpo study run fresh comes first" in fresh.err) == (2, True)
    silent = STUDY.partition("[[finding]]")[0].replace("REPLICATES", "")
    (folder / "silent.toml").write_text(silent)
    assert ran("study", "run", "silent.toml", "--engine", "serial").code == 0
    done = ran("study", "settle", "silent")
    assert (done.code, "makes no claim that could be settled" in done.err) == (2, True)
    theirs = optuna.create_study(study_name="theirs", storage=f"sqlite:///{folder}/hpo.db")
    theirs.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=3)
    done = ran("study", "settle", "theirs")
    assert (done.code, "evidence must be trained, and without a study file nobody knows how" in done.err) == (2, True)


def test_claims_that_evidence_cannot_serve_are_told(hpo: Call, folder: Path) -> None:
    """A claim about ranks says why; where no open claim can be served, that is the answer."""
    run(hpo, folder, STUDY.partition("[[finding]]")[0] + BEST, replicates=4)
    done = hpo(*SETTLE)
    assert done.code == 2
    assert "evidence can settle no claim of 'study' that is open" in done.err
    assert "it chooses trials by their rank" in done.err


@pytest.mark.slow
def test_killed_and_called_again(ran: Call, folder: Path) -> None:
    """kill -9 of the command and its workers at any moment: called again it ends with the trials of one that was not killed."""
    url = f"sqlite:///{folder}/hpo.db"
    shutil.copytree(folder, folder / "whole")
    subprocess.run([COMMAND, *SETTLE, "--steps", "1500"], cwd=folder / "whole", check=True, capture_output=True)
    whole = trial_table_hash(load(connect(f"sqlite:///{folder}/whole/hpo.db", "read"), "study").optuna)
    for seconds in (4.0, 5.0, 6.0):
        driver = subprocess.Popen([COMMAND, *SETTLE[:3], "--workers", "2", "--steps", "1500"], cwd=folder, process_group=0)
        time.sleep(seconds)
        os.killpg(driver.pid, signal.SIGKILL)
        driver.wait()
    assert ran(*SETTLE, "--steps", "1500").code == 0
    assert trial_table_hash(load(connect(url, "read"), "study").optuna) == whole


def test_two_objectives(hpo: Call, folder: Path) -> None:
    """Claims have metrics of their own, so they are settled; what does not apply is said."""
    run(hpo, folder, STUDY.replace("REPLICATES", 'REPLICATES\nagainst = "parameters"'))
    done = hpo(*SETTLE, "--steps", "300", "--claim", "2")
    assert done.code == 0, done.err
    assert "a study of two objectives: each claim is settled by its own metric" in done.err
