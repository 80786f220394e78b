"""The page that sets measured figures beside printed ones."""

import math
import re
from pathlib import Path

import pytest

from benchmarks.reproduction import page, running
from benchmarks.reproduction.figures import Figure, figures
from benchmarks.reproduction.running import SMALLER, TESTED, complete, cost, is_complete
from hpo import catalog
from hpo.attributes import cohort_of, networks_of
from hpo.confirming import best_trial
from hpo.data import prepare
from hpo.engines.serial import Serial
from hpo.findings import check
from hpo.runner import create, final, gather, run, testing
from hpo.settling import Settling
from hpo.settling.spending import steps_of
from hpo.spec import FindingTest
from hpo.spec.overrides import changed
from hpo.storage import connect


@pytest.mark.parametrize("figure", figures(), ids=lambda figure: f"{figure.study}, {figure.what}")
def test_figure_has_its_place(figure: Figure) -> None:
    """A printed figure names a built-in study and points of its space; one of the test images has a study that is tested."""
    where = figure.where or {"outcome": "completed"}
    claim = {"kind": "difference", "group": where, "against": where, "direction": "higher"}
    assert check(FindingTest.model_validate(claim), catalog.builtin(figure.study)) == []
    assert figure.metric != "test" or figure.study in TESTED


@pytest.mark.parametrize("name", SMALLER)
def test_smaller_studies_are_studies(name: str) -> None:
    """What the reproduction changes is good for the study."""
    assert changed(catalog.builtin(name), SMALLER[name], name) != catalog.builtin(name)


def test_page_of_a_complete_study(tmp_path: Path) -> None:
    """A study that is complete has its claims and figures on the page, with what was changed; others are named as missing."""
    place = tmp_path / "cifar-linear"
    place.mkdir()
    spec = catalog.builtin("cifar-linear")
    spec = changed(spec.model_copy(update={"data": spec.data.using("digits")}), ["training.epochs=2", "data.train=300"], "study")
    study = create(connect(f"sqlite:///{place / 'hpo.db'}", "create"), "cifar-linear", spec)
    assert not is_complete("cifar-linear", tmp_path)
    run(study, prepare(study.spec.data), Serial())
    look = testing.test(study, prepare(final.final_data(study)), best_trial(study), lambda progress: None)
    page.write(tmp_path / "page.md", tmp_path, catalog.names())
    text = (tmp_path / "page.md").read_text()
    assert all(finding.claim in text for finding in catalog.builtin("cifar-linear").finding)
    assert "`training.epochs = 2` instead of 40" in text
    assert "Not run here: cifar-bn, " in text
    (row,) = [line.split("|") for line in text.splitlines() if "test accuracy of the best setting" in line]
    assert math.isclose(float(row[3].split("±")[0]), 100 * look.accuracy, rel_tol=1e-3)
    nearer = [line.split("|")[-2].strip() for line in text.splitlines() if line.startswith(("| 20 | 0 | W", "| 20 | 0 | b"))]
    assert nearer == ["centred", "centred"]


def test_claims_say_what_decided_them(tmp_path: Path) -> None:
    """A verdict is of the search, or of evidence and then of how much; without one, why, and what would do."""
    place = tmp_path / "cifar-bn-eta"
    place.mkdir()
    spec = catalog.builtin("cifar-bn-eta")
    small = ["model.hidden=[20]", "data.train=300"]
    spec = changed(spec.model_copy(update={"data": spec.data.using("digits")}), small, "study")
    study = create(connect(f"sqlite:///{place / 'hpo.db'}", "create"), "cifar-bn-eta", spec)
    images = prepare(spec.data)
    run(study, images, Serial())
    assert decisions(tmp_path) == ["the search", UNDECIDED, "the search", "the search"]
    gather(study, images, Serial(), Settling(lambda now: 2000 - steps_of(now, now.evidence)))
    evidence = study.anew().evidence()
    networks, looks = sum(len(networks_of(trial) or ()) for trial in evidence), len({cohort_of(trial) for trial in evidence})
    decided = f"evidence: {networks} fresh networks, {looks} looks at them"
    assert decisions(tmp_path) == ["the search", decided, "the search", "the search"]
    text = (tmp_path / "page.md").read_text()
    assert [row.split("|")[2:6] for row in text.splitlines() if row.startswith("| all |")] == [[" 2 ", " 2 ", " 0 ", " 1 "]]


UNDECIDED = "undecided"


def decisions(folder: Path) -> list[str]:
    """What decided each claim of the study, by a page that is written anew."""
    page.write(folder / "page.md", folder, catalog.names())
    claims = [claim.claim for claim in catalog.builtin("cifar-bn-eta").finding]
    rows = [line.split(" | ") for line in (folder / "page.md").read_text().splitlines()]
    cells = [row[5] for claim in claims for row in rows if row[0] == f"| {claim}"]
    open_ = re.compile(
        r"undecided, its effect lies at the border.*: corrected p so far 0\.\d+; about \d+ more seeds of 4 settings"
    )
    return [UNDECIDED if open_.match(cell) else cell for cell in cells]


def test_page_keeps_studies_that_are_not_in_the_folder(tmp_path: Path) -> None:
    """What was measured elsewhere stays on the page as it was, in its place, and in the sums."""
    rows = [
        "| [cifar-bn](#cifar-bn) | 0 | 1 | 1 | 0 | 3.3 | 0.5 | 1.2 GB |",
        "| [mnist-lr](#mnist-lr) | 1 | 0 | 1 | 0 | 1 | 1 | 1 GB |",
    ]
    sections = ["## cifar-bn\n\nOne.\n\n| claim |", "## mnist-lr\n\nTwo."]
    former = "\n".join(["# Old", "", "## In short", "", *rows, ""]) + "\n" + "\n\n".join(sections) + "\n"
    (tmp_path / "page.md").write_text(former)
    page.write(tmp_path / "page.md", tmp_path, catalog.names())
    text = (tmp_path / "page.md").read_text()
    assert "\n".join([*rows, "| all | 1 | 1 | 2 | 0 |  |  |  |"]) in text
    assert text.endswith("\n\n" + "\n\n".join(sections) + "\n")
    assert "Not run here: cifar-bn-depth, " in text
    page.write(tmp_path / "page.md", tmp_path, catalog.names())
    assert (tmp_path / "page.md").read_text() == text


def test_cost_of_a_run_that_was_cut_off_is_not_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a run took that did not come to its end is unknown, and stays so when a later one ends well."""
    taken = iter([KeyboardInterrupt, running.Cost(3.0, 0.0, 500.0)])

    def run_command(contender: object, folder: Path) -> object:
        one = next(taken)
        if one is KeyboardInterrupt:
            raise KeyboardInterrupt
        return one

    monkeypatch.setattr(running, "run", run_command)
    monkeypatch.setattr(running, "stored", lambda name, folder: None)
    with pytest.raises(KeyboardInterrupt):
        complete("mnist-lr", tmp_path, ())
    complete("mnist-lr", tmp_path, ())
    found = cost("mnist-lr", tmp_path)
    assert (found.seconds, found.megabytes, found.whole) == (3.0, 500.0, False)
