"""Unbalanced classes, from the check to the final test: 95 % right is no result where 95 % of the images are of one class."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from .conftest import Call

STUDY = """
title = "Is there a defect?"
data = { name = "digits", train = 300, validation = 200 }
model = { name = "mlp" }
training = { epochs = 2 }
space = { learning_rate = { low = 1e-3, high = 0.3, log = true } }
stage = [{ name = "one", trials = 4 }]
"""

GUESS = "a guess of the commonest class, 'ok', is right in 95 % of the validation images"


@pytest.fixture
def inspected(hpo: Call, folder: Path, cache: Path) -> Call:
    """The command, in a folder with a study file and `noise`, images in which nothing can be learnt: one in twenty a defect."""
    random = np.random.default_rng(0)
    for split in ("train", "val"):
        for k in range(400):
            file = folder / "noise" / split / ("defect" if k % 20 == 0 else "ok") / f"{k}.png"
            file.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(random.integers(0, 256, (8, 8), dtype=np.uint8)).save(file)
    (folder / "study.toml").write_text(STUDY)
    return hpo


def test_the_guess_is_said_from_the_check_to_the_test(inspected: Call, folder: Path) -> None:
    """Check, run, `show`, report and test name it; no trial is praised; the balanced accuracy is a half."""
    code, out, err = inspected("check", "network", "study.toml", "--data", "noise")
    assert GUESS in out + err
    assert "warning: first loss" not in err
    assert code == 0
    code, out, err = inspected("study", "run", "study.toml", "--data", "noise", "--name", "n")
    assert code == 0
    assert GUESS in err
    assert "is no better than a guess, and none of 4 completed trials is" in out
    assert "4 trials stuck at chance: 0, 1, 2, 3" in out
    shown = inspected("study", "show", "n").out
    assert GUESS in shown
    assert "is no better than a guess" in shown
    found = json.loads(inspected("study", "show", "n", "--json").out)["study"]["baseline"]
    assert (found["commonest"], found["share"], found["trials"], found["better"]) == ("ok", 0.95, 4, 0)
    assert inspected("study", "report", "n", "-o", "n.md").code == 0
    assert "None of the 4 completed trials is better" in (folder / "n.md").read_text()
    assert inspected("study", "export", "n", "--format", "json", "-o", "n.json").code == 0
    curves = json.loads((folder / "n.json").read_text())["trials"][0]["curves"][0]
    assert curves["validation_balanced_accuracy"][-1] == pytest.approx(0.5, abs=0.1)
    first = json.loads(inspected("study", "trials", "n", "--json").out)["trials"][0]
    assert first["balanced_accuracy"] == curves["validation_balanced_accuracy"][-1]
    header, line, *_ = inspected("study", "trials", "n", "--format", "csv").out.splitlines()
    assert dict(zip(header.split(","), line.split(","), strict=True))["balanced_accuracy"] == str(first["balanced_accuracy"])
    assert "validation balanced accuracy %" in inspected("study", "trials", "n").out


def test_the_final_test_tells_the_balanced_accuracy(inspected: Call) -> None:
    """In words and as JSON; in the report after it."""
    inspected("study", "run", "study.toml", "--data", "noise", "--name", "n")
    out = inspected("study", "test", "n").out
    assert "every class counted alike; a guess of the commonest class, 'ok', is right in 95.00 %, and this network is" in out
    test = json.loads(inspected("study", "test", "n", "--json").out)["test"]
    recalls = [row[place] / sum(row) for place, row in enumerate(test["confusion"])]
    assert test["balanced_accuracy"] == pytest.approx(np.mean(recalls))
    assert inspected("study", "report", "n", "-o", "n.md").code == 0
    assert "balanced accuracy: " in Path("n.md").read_text()
