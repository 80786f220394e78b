"""Trials after the search on the command line: named as such, and counted apart."""

import csv
import json
from io import StringIO
from pathlib import Path

import pytest

from hpo.data import prepare
from hpo.engines.serial import Serial
from hpo.runner import gather, load
from hpo.storage import connect

from ..fakes.gathering import batches
from .conftest import SMALL, Call

RUN = ("study", "run", "cifar-bn", *SMALL, "--engine", "serial")


@pytest.fixture
def after(hpo: Call, folder: Path) -> Call:
    """The command beside a study of four trials and five of evidence."""
    assert hpo(*RUN).code == 0
    study = load(connect(f"sqlite:///{folder}/hpo.db", "write"), "cifar-bn")
    with Serial() as engine:
        gather(study, prepare(study.spec.data), engine, batches)
    return hpo


def test_evidence_is_counted_apart(after: Call) -> None:
    """Show, list and JSON count the search's trials, and evidence beside them."""
    shown = after("study", "show", "cifar-bn")
    assert "only: 4 of 4 trials" in shown.out
    assert "evidence  4 trials, and 5 of evidence with 1 to 2 networks each" in shown.out
    study = json.loads(after("study", "show", "cifar-bn", "--json").out)["study"]
    assert (study["stages"][0]["told"], study["evidence"], study["of_others"]) == (4, 5, 0)
    assert sum(study["analysis"]["outcomes"].values()) == 4
    (listed,) = json.loads(after("study", "list", "--json").out)["studies"]
    best = max(trial["value"] for trial in trials(after)[:4])
    assert (listed["trials"], listed["best"]) == (4, best)


def trials(hpo: Call) -> list[dict[str, object]]:
    """All trials as JSON."""
    found: list[dict[str, object]] = json.loads(hpo("study", "trials", "cifar-bn", "--json").out)["trials"]
    return found


def test_evidence_is_named(after: Call, folder: Path) -> None:
    """Lists of trials have it with its purpose, exports with the numbers of its networks."""
    assert [trial["evidence"] for trial in trials(after)] == [None] * 4 + ["answer"] * 2 + ["claims"] * 3
    rows = list(csv.DictReader(StringIO(after("study", "trials", "cifar-bn", "--format", "csv").out)))
    assert [row["evidence"] for row in rows] == [""] * 4 + ["answer"] * 2 + ["claims"] * 3
    assert "claims" in after("study", "trials", "cifar-bn").out
    whole = json.loads(after("study", "export", "cifar-bn", "--format", "json").out)["trials"]
    assert [(trial["networks"], len(trial["curves"])) for trial in whole[3:]] == [(None, 1), *[([1, 2], 2)] * 2, *[([3], 1)] * 3]
    assert after("study", "report", "cifar-bn", "-o", "report.md").code == 0
    report = (folder / "report.md").read_text()
    assert "4 trials, of 4 planned in 1 stage, and 5 of evidence with 1 to 2 networks each" in report


def test_its_setting_can_be_trained_again(after: Call) -> None:
    """--from-trial takes evidence; the final test takes the best of the search."""
    assert after("study", "run", "cifar-bn", "--from-trial", "5", "--engine", "serial").code == 0
    tested = json.loads(after("study", "test", "cifar-bn", "--json").out)["test"]
    assert tested["trial"] < 4
