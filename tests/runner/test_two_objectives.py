"""Studies of two objectives: the metric against what a network costs."""

from collections.abc import Callable
from typing import Any

import optuna
import pytest

from hpo.analysis.pareto import Front, front
from hpo.analysis.reading import read
from hpo.attributes import error_of, outcome_of
from hpo.data import Prepared
from hpo.engines.serial import Serial
from hpo.errors import InvalidSpec, UsageError
from hpo.runner import StoredStudy, trial_table_hash
from hpo.runner.stopping import StopRules
from hpo.spec import CnnSpec, LinearSpec, MlpSpec, ModelSpec, parse
from hpo.training.size import size

from .conftest import DIGITS, train

Make = Callable[..., StoredStudy]

STAGE = [{"name": "wide", "trials": 10}]
SPACE = {
    "eta": {"option": "learning_rate", "low": 0.01, "high": 1.0, "log": True},
    "batch_size": {"low": 10, "high": 40},
}


def of_two(stored: Make, against: str = "multiply_adds", sampler: str = "random", **sections: Any) -> StoredStudy:
    """A study of two objectives."""
    return stored(search={"against": against, "sampler": sampler}, stage=STAGE, space=SPACE, **sections)


@pytest.mark.parametrize("sampler", ["random", "qmc", "tpe", "gp", "nsga2"])
def test_every_sampler_of_two_objectives(stored: Make, sampler: str) -> None:
    """Each sampler that takes two objectives runs a study to its end, and another time to the same trials."""
    one, two = of_two(stored, sampler=sampler), of_two(stored, sampler=sampler, name="again")
    assert train(one).told == train(two).told == 10
    assert trial_table_hash(one.optuna) == trial_table_hash(two.optuna)
    assert one.optuna.directions == two.optuna.directions
    assert one.optuna.metric_names == ["validation_accuracy", "multiply_adds"]
    assert len(one.optuna.best_trials) > 0


def test_the_front_is_optunas(stored: Make) -> None:
    """The trials of the front are those that Optuna's own best_trials are, and what they cost follows from their points."""
    study = of_two(stored)
    train(study)
    found = front(read(study.optuna))
    assert isinstance(found, Front)
    assert set(found.numbers) == {trial.number for trial in study.optuna.best_trials}
    by_batch = {trial.params["batch_size"]: trial.values[1] for trial in study.trials() if trial.values}
    images = study.images
    assert all(value % (3 * batch * (images // batch)) == 0 for batch, value in by_batch.items())


@pytest.mark.parametrize(
    ("model", "parameters", "multiply_adds"),
    [
        (LinearSpec(name="linear"), 64 * 10 + 10, 640),
        (MlpSpec(name="mlp", hidden=(12, 9), batch_norm=True), 64 * 12 + 12 + 12 * 9 + 9 + 9 * 10 + 10, 768 + 108 + 90),
        (
            CnnSpec(name="cnn", filters=4, filter_size=3, blocks=2, dense=16),
            4 * 9 + 4 + 4 * 4 * 9 + 4 + 16 * 16 + 16 + 160 + 10,
            36 * 64 + 144 * 16 + 256 + 160,
        ),
    ],
    ids=["linear", "mlp", "cnn"],
)
def test_sizes(model: ModelSpec, parameters: int, multiply_adds: int) -> None:
    """Parameters and multiply-adds are those that one counts by hand, for an image of 8x8."""
    assert size(model, (1, 8, 8), 10) == (parameters, multiply_adds)


@pytest.mark.parametrize(
    ("sections", "rule"),
    [
        ({"search": {"against": "parameters", "pruner": "hyperband"}}, "a pruner compares one objective, got hyperband"),
        ({"search": {"against": "parameters", "sampler": "cmaes"}}, "cmaes takes one objective"),
        ({"search": {"against": "multiply_adds"}, "training": {"epochs": None, "seconds": 3}}, "the clock ends training"),
        (
            {"search": {"against": "parameters"}, "stage": [*STAGE, {"name": "fine", "trials": 3, "narrow": {"keep": 3}}]},
            "those of one objective",
        ),
    ],
    ids=["pruner", "cmaes", "clock", "narrow"],
)
def test_contradictions(stored: Make, sections: dict[str, Any], rule: str) -> None:
    """What compares trials by one objective is refused, with the way out."""
    with pytest.raises(InvalidSpec, match=rule):
        stored(**{"stage": STAGE, **sections})


def test_stop_rules_look_at_one_objective(stored: Make) -> None:
    """A rule for the best trial makes no sense where there is none."""
    with pytest.raises(UsageError, match="one objective"):
        train(of_two(stored), rules=StopRules(until=0.5))


def test_stock_optuna_reads_both(stored: Make) -> None:
    """Optuna's own tools find two directions and two names."""
    study = of_two(stored, "parameters")
    train(study)
    loaded = optuna.load_study(study_name="study", storage=study.database.address.url)
    assert [direction.name for direction in loaded.directions] == ["MAXIMIZE", "MINIMIZE"]
    assert {trial.values[1] for trial in loaded.get_trials() if trial.values} == {650.0}


def test_a_network_that_cannot_be_built_costs_nothing(stored: Make, digits: Prepared) -> None:
    """Its trial fails by itself, with its reason, and the others have both their values."""
    tree = {
        "title": "Widths",
        "data": DIGITS,
        "model": {"factory": "odd_networks:build", "width": 3},
        "training": {"epochs": 1},
        "space": {"width": {"values": [0, 2, 4]}},
        "search": {"against": "parameters", "sampler": "grid"},
        "stage": [{"name": "grid", "trials": 3}],
    }
    study = stored(parse(tree))
    train(study, Serial(), data=digits)
    failed, *others = study.trials()
    assert outcome_of(failed) == "error"
    assert "a width must be positive, got 0" in str(error_of(failed))
    assert [trial.values[1] for trial in others] == [64 * 2 + 2 + 20 + 10, 64 * 4 + 4 + 40 + 10]
