"""The page that sets measured figures beside printed ones."""

import math
from pathlib import Path

import pytest

from benchmarks.reproduction import page, running
from benchmarks.reproduction.figures import Figure, figures
from benchmarks.reproduction.running import SMALLER, TESTED, complete, cost, is_complete
from hpo import catalog
from hpo.confirming import best_trial
from hpo.data import prepare
from hpo.engines.serial import Serial
from hpo.findings import check
from hpo.runner import create, final, run, testing
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
