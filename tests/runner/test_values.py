"""What a trial is told to be worth."""

from collections.abc import Callable
from typing import Any

import pytest

from hpo.attributes import POINTS, curves_of, seconds_of
from hpo.data import prepare
from hpo.engines.serial import Serial
from hpo.runner import StoredStudy, create, run
from hpo.spec import parse
from hpo.storage import Database

Ran = Callable[..., StoredStudy]


@pytest.fixture
def ran(database: Database) -> Ran:
    """Stores a study on digits and runs it: one rate at which the accuracy goes up and down."""

    def make(training: dict[str, Any], search: dict[str, Any]) -> StoredStudy:
        tree = {
            "title": "A rate",
            "data": {"name": "digits", "train": 200, "validation": 100},
            "model": {"name": "mlp", "hidden": [16]},
            "training": {"optimizer": "momentum", "batch_size": 20, "explode_at": 1e6, **training},
            "space": {"learning_rate": {"values": [0.5]}},
            "search": {"sampler": "grid", **search},
            "stage": [{"name": "grid", "trials": 1}],
        }
        study = create(database, "study", parse(tree))
        run(study, prepare(study.spec.data), Serial())
        return study

    return make


@pytest.mark.parametrize("metric", ["validation_accuracy", "validation_loss"])
def test_best_epoch_counts_where_the_study_wants_it(ran: Ran, metric: str) -> None:
    """The value is that of the best epoch, of the mean over the replicates, which is not the last one here."""
    (trial,) = ran({"epochs": 8}, {"value": "best", "metric": metric, "replicates": 2}).trials()
    best = (max if metric == "validation_accuracy" else min)(trial.intermediate_values.values())
    assert trial.value == best != trial.intermediate_values[8]


def test_last_epoch_counts_otherwise(ran: Ran) -> None:
    """The value is that of the last epoch, and the mean of the replicates, whose curves are all kept."""
    (trial,) = ran({"epochs": 4}, {"replicates": 3}).trials()
    curves = curves_of(trial)
    assert len(curves) == 3
    assert trial.value == trial.intermediate_values[4] == pytest.approx(sum(c["validation_accuracy"][-1] for c in curves) / 3)


def test_trials_that_the_clock_ends(ran: Ran) -> None:
    """With a budget in seconds a trial completes with the epochs that it had time for."""
    (trial,) = ran({"seconds": 0.2}, {"replicates": 2, "value": "best"}).trials()
    seconds = seconds_of(trial)
    assert trial.value == max(trial.intermediate_values.values())
    assert seconds is not None
    assert 0.2 < seconds < 2


def test_points_of_a_curve_are_kept(ran: Ran) -> None:
    """A point every four steps, of every replicate, beside the curves by epochs."""
    (trial,) = ran({"steps": 22, "curve_every": 4}, {"replicates": 2}).trials()
    assert [curve["step"] for curve in curves_of(trial, POINTS)] == [[4, 8, 12, 16, 20]] * 2
    assert [curve["epoch"] for curve in curves_of(trial)] == [[1, 2, 3]] * 2
