"""Networks that know no more than a guess."""

from collections.abc import Sequence

import pytest

from hpo.attributes import AT_CHANCE, at_chance_of
from hpo.data import prepare
from hpo.engines.serial import Serial
from hpo.runner import create, run
from hpo.runner.chance import at_chance, chance_bound
from hpo.search import ask
from hpo.spec import parse
from hpo.storage import Database
from hpo.training.job import EpochMetrics

from ..fakes.studies import study_file, told


def epochs(*accuracies: float) -> Sequence[EpochMetrics]:
    """A network with these validation accuracies."""
    return [EpochMetrics(epoch, 0.1, 1, 1, 0.5, 1, 1, accuracy, 0.0) for epoch, accuracy in enumerate(accuracies, 1)]


def test_bound_is_a_guess_and_its_error() -> None:
    """A tenth, and three standard errors of a share on so many images."""
    assert chance_bound({"classes": 10, "validation": 900}) == pytest.approx(0.13)


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
    assert at_chance(networks, 0.13) == expected


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
