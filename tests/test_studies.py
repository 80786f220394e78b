"""The built-in studies: each runs on digits, as it would on its own images, and its claims can be put to what comes out."""

import re
from pathlib import Path

import pytest

from hpo import catalog
from hpo.analysis.derived import with_derived
from hpo.analysis.reading import read
from hpo.confirming import best_trial
from hpo.data import prepare
from hpo.engines.serial import Serial
from hpo.findings import evaluate, faults_of
from hpo.runner import StoredStudy, create, final, run, testing
from hpo.spec import StudySpec, parse
from hpo.spec.overrides import changed
from hpo.spec.reading import tree_of
from hpo.storage import connect

each_study = pytest.mark.parametrize("name", catalog.names())

TOGETHER = {
    "cifar-linear", "cifar-cyclic", "cifar-lambda", "cifar-bn", "cifar-bn-depth", "cifar-bn-eta", "cifar-bn-init",
    "mnist-lr", "mnist-batch-lr", "mnist-momentum", "mnist-filters", "mnist-cnn-momentum",
    "mnist-sgd-lr", "mnist-filter-size", "mnist-cnn",
}  # fmt: skip


def tiny(name: str) -> StudySpec:
    """A built-in study on a few digits: two trials a stage, two steps or one epoch each, one replicate, small filters."""
    spec = catalog.builtin(name)
    tree = tree_of(spec.model_copy(update={"data": spec.data.using("digits")}))
    tree["data"] |= {"train": 1000, "validation": 50}
    tree["stage"] = [{**stage, "trials": 5 if "narrow" in stage else 2} for stage in tree["stage"]]
    short = {"seconds": 0.05} if spec.timed else {"epochs": 1} if spec.search.pruner != "none" else {"steps": 2}
    for stage in tree["stage"]:
        stage["budget"] = short
    tree["final"] = {**tree.get("final", {}), "validation": 50, "budget": short}
    tree["search"]["replicates"] = 1
    if "filters" in tree["space"]:
        tree["space"]["filters"] = {"values": [1, 4]} if "values" in tree["space"]["filters"] else {"low": 2, "high": 4}
    return changed(parse(tree, name), ["training.curve_every=1"] if spec.training.curve_every else [], name)


def test_every_experiment_is_a_study() -> None:
    """The studies of the five reports are all there, and no others."""
    assert set(catalog.names()) == TOGETHER


@each_study
def test_file_is_well_put(name: str) -> None:
    """A study says where it comes from and how long it takes, and its claims can be put to its trials."""
    spec = catalog.builtin(name)
    assert spec.source
    assert spec.minutes
    assert spec.finding
    assert faults_of(spec) == {}


@each_study
def test_runs_on_digits(name: str, tmp_path: Path) -> None:
    """A study runs to its end on digits, its claims get a verdict, and its best network is tested."""
    study = create(connect(f"sqlite:///{tmp_path / 'hpo.db'}", "create"), name, tiny(name))
    run(study, prepare(study.spec.data), Serial())
    assert study.missing() == 0
    table = with_derived(read(study.optuna), study.spec, study.spec.derived)
    findings = evaluate(table, study.spec.finding)
    assert [finding.claim for finding in findings] == [finding.claim for finding in study.spec.finding]
    assert all(re.search(r"\w.*\.$", finding.sentence) for finding in findings)
    assert 0 <= look(study).accuracy <= 1


def look(study: StoredStudy) -> final.Test:
    """Test its best network."""
    return testing.test(study, prepare(final.final_data(study)), best_trial(study), lambda progress: None)
