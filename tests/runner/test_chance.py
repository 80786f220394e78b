"""Networks that know no more than a guess."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from hpo.attributes import AT_CHANCE, at_chance_of, curves_of
from hpo.data import prepare
from hpo.engines.serial import Serial
from hpo.runner import StoredStudy, create, run
from hpo.runner.chance import Bounds, at_chance, bounds_of
from hpo.search import ask
from hpo.spec import parse
from hpo.storage import Database
from hpo.training.job import EpochMetrics

from ..fakes.studies import study_file, told


def epochs(*accuracies: float) -> Sequence[EpochMetrics]:
    """A network with these validation accuracies."""
    return [EpochMetrics(epoch, 0.1, 1, 1, 0.5, 1, 1, accuracy, 0.0) for epoch, accuracy in enumerate(accuracies, 1)]


def test_a_study_from_before_keeps_its_bound() -> None:
    """Where no guess is stored: a tenth, and three standard errors of a share on so many images."""
    assert bounds_of({"classes": 10, "validation": 900}, study_file()) == (pytest.approx(0.13), None)


@pytest.mark.parametrize(
    ("networks", "expected"),
    [
        ([epochs(0.1, 0.11)], "stuck"),
        ([epochs(0.5, 0.9, 0.1)], "late"),
        ([epochs(0.1, 0.3)], None),
        ([epochs(0.9), epochs(0.9), epochs(0.1)], "stuck"),
        ([epochs(0.9, 0.9), epochs(0.9, 0.1)], "late"),
        ([], None),
    ],
)
def test_a_network_at_chance_marks_its_trial(networks: list[Sequence[EpochMetrics]], expected: str | None) -> None:
    """One of several is enough, as with divergence."""
    assert at_chance(networks, Bounds(0.13, None)) == expected


def test_samplers_are_told_as_of_divergence() -> None:
    """TPE follows the values to higher rates, but keeps away from there when those trials are marked."""
    spec = study_file(search={"sampler": "tpe", "sampler_options": {"n_startup_trials": 5}})
    shares = []
    for mark in (False, True):
        trials = []
        for number in range(24):
            (point,) = ask(spec, "wide", {}, [], [number])
            trials.append(told(spec, number, point, values=[point["eta"]]))
            if mark and point["eta"] > 0.03:
                trials[-1].user_attrs[AT_CHANCE] = "stuck"
        points = ask(spec, "wide", {}, trials, range(24, 44))
        shares.append(sum(point["eta"] > 0.03 for point in points) / 20)
    assert shares[1] < 0.5 < 0.8 < shares[0]


def test_training_that_cannot_learn_is_marked(database: Database) -> None:
    """A rate of 1e-9 leaves a real network at chance: its trial stays complete, with its value; a good one is not marked."""
    spec = parse({
        "title": "Two rates", "data": {"name": "digits", "train": 400, "validation": 300}, "model": {"name": "linear"},
        "training": {"epochs": 2}, "space": {"learning_rate": {"values": [1e-9, 0.3]}}, "search": {"sampler": "grid"},
        "stage": [{"name": "grid", "trials": 2}],
    })  # fmt: skip
    study = create(database, "study", spec)
    run(study, prepare(spec.data), Serial())
    assert [(trial.state.name, at_chance_of(trial)) for trial in study.trials()] == [("COMPLETE", "stuck"), ("COMPLETE", None)]
    assert all(trial.value is not None for trial in study.trials())


def test_a_network_that_finds_the_rare_class_is_not_at_chance() -> None:
    """Its accuracy is below that of always saying the commonest class, and yet it knows more than a guess."""
    (epoch,) = epochs(0.93)
    bounds = Bounds(0.956, 0.67)
    assert at_chance([[epoch._replace(validation_balanced_accuracy=0.8)]], bounds) is None
    assert at_chance([[epoch._replace(validation_balanced_accuracy=0.6)]], bounds) == "stuck"


def noise(folder: Path, ok: int, defect: int) -> str:
    """A folder of images in which nothing can be learnt."""
    random = np.random.default_rng(0)
    for name, number in (("ok", ok), ("defect", defect)):
        (folder / name).mkdir(parents=True)
        for k in range(number):
            Image.fromarray(random.integers(0, 256, (4, 4), dtype=np.uint8)).save(folder / name / f"{k}.png")
    return str(folder)


def study_on(database: Database, data: str, **search: object) -> StoredStudy:
    """A study of two trials of a linear network, run."""
    spec = parse({
        "title": "Two rates", "data": {"name": data, "train": 240, "validation": 160}, "model": {"name": "linear"},
        "training": {"epochs": 2}, "space": {"learning_rate": {"values": [1e-3, 0.01]}}, "search": {"sampler": "grid", **search},
        "stage": [{"name": "grid", "trials": 2}],
    })  # fmt: skip
    study = create(database, "study", spec)
    run(study, prepare(spec.data), Serial())
    return study


@pytest.mark.usefixtures("cache")
def test_on_unbalanced_noise_every_trial_is_at_chance(database: Database, tmp_path: Path) -> None:
    """95 % right is what always saying "ok" gives; both trials carry their balanced accuracy, about a half."""
    study = study_on(database, noise(tmp_path / "noise", 475, 25))
    assert study.described["guess"]["commonest"] == "ok"
    assert study.described["guess"]["share"] == pytest.approx(0.95)
    for trial in study.trials():
        assert trial.value is not None
        assert trial.value > 0.5
        assert at_chance_of(trial) == "stuck"
        ((*_, last),) = [curve["validation_balanced_accuracy"] for curve in curves_of(trial)]
        assert 0.4 < last < 0.6


@pytest.mark.usefixtures("cache")
def test_balanced_accuracy_can_be_the_metric(database: Database, tmp_path: Path) -> None:
    """Its value is what the trial's curve ends with, and more is better."""
    study = study_on(database, noise(tmp_path / "noise", 475, 25), metric="validation_balanced_accuracy")
    assert study.optuna.direction.name == "MAXIMIZE"
    assert study.optuna.metric_names == ["validation_balanced_accuracy"]
    for trial in study.trials():
        (curve,) = curves_of(trial)
        assert trial.value == curve["validation_balanced_accuracy"][-1] != curve["validation_accuracy"][-1]


@pytest.mark.parametrize(("search", "told"), [({}, False), ({"metric": "validation_balanced_accuracy"}, True)])
def test_balanced_data_carry_it_where_it_is_asked_for(database: Database, search: dict[str, str], told: bool) -> None:
    """A study of classes of about one size stores what it always did."""
    study = study_on(database, "digits", **search)
    (curve,) = curves_of(study.trials()[0])
    assert ("validation_balanced_accuracy" in curve) is told
