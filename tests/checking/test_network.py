"""What is seen of a network before it is trained, and what a study will take."""

from dataclasses import replace
from typing import Any

import pytest

from hpo.checking import Check, NetworkReport, check_job, check_network
from hpo.checking.estimate import estimate
from hpo.checking.quick import warnings
from hpo.data import Prepared
from hpo.errors import UsageError
from hpo.training.arithmetic import exact
from hpo.training.randomness import kept

from .conftest import Study

MLP = {"name": "mlp", "hidden": [20, 10]}
NORMALISED = {**MLP, "batch_norm": True}
TINY = {"init": {"std": 0.005}}


def named(report: NetworkReport, name: str) -> Check:
    """The check of a name."""
    return next(check for check in report.checks if check.name == name)


def warned(report: NetworkReport) -> set[str]:
    """Names of the checks that are not good."""
    return {check.name for check in report.bad}


@pytest.mark.parametrize(
    "model",
    [{"name": "linear"}, MLP, NORMALISED, {**NORMALISED, "dropout": 0.5}, {"name": "cnn", "filters": 4, "dense": 10}],
    ids=str,
)
def test_healthy_networks_pass(study: Study, images: Prepared, model: dict[str, Any]) -> None:
    """Networks that can learn have nothing to warn of, and learn 100 images by heart."""
    report = check_network(study(model), images, 2)
    assert report.bad == ()
    assert named(report, "overfits").value >= 0.99


def test_batch_norm_saves_tiny_weights(study: Study, images: Prepared) -> None:
    """With initial weights of 0.005 the gradient does not get back to the first layer, but with batch norm it does."""
    assert "gradient's way back" in warned(check_network(study({**MLP, **TINY}), images, 2))
    report = check_network(study({**NORMALISED, **TINY}), images, 2)
    assert "gradient's way back" not in warned(report)


def test_biases_ahead_of_batch_norm_are_exempt(study: Study, images: Prepared) -> None:
    """They have no gradient, and the report says why that is right."""
    found = named(check_network(study(NORMALISED), images, 2), "gradients")
    assert found.good
    assert found.found == "all 4 parameters; not asked of b1, b2, which batch norm takes away"


def test_unscaled_pixels_are_noticed(study: Study, unscaled: Prepared) -> None:
    """Pixels up to 255 make the network sure of itself before it has seen anything."""
    report = check_network(study(MLP), unscaled, 2)
    assert "first loss" in warned(report)
    assert named(report, "first loss").value > 2 * 1.386


def test_a_network_that_computes_in_float32_alone(study: Study, images: Prepared) -> None:
    """It is looked at in that, and passes; the quick check of a run likewise."""
    spec = study({"factory": "tests.checking.nets:InFloats"})
    assert check_network(spec, images, 2).bad == ()
    with exact("cpu"), kept():
        assert list(warnings(check_job(spec, images))) == []


def test_dead_layer_is_noticed(study: Study, images: Prepared) -> None:
    """A layer whose units never fire is found, and so are the weights that get no gradient through it."""
    report = check_network(study({"factory": "tests.checking.nets:dead"}), images, 2)
    assert {"ReLU units", "gradients", "overfits"} <= warned(report)
    assert named(report, "gradients").found.startswith("none for W1, b1, W2")
    assert named(report, "ReLU units").value == 1


def test_unused_parameters_are_noticed(study: Study, images: Prepared) -> None:
    """Parameters that the output does not depend on get no gradient."""
    report = check_network(study({"factory": "tests.checking.nets:idle"}), images, 2)
    assert named(report, "gradients").found == "none for W2, b2"


def test_frozen_parameters_are_not_asked_for_a_gradient(study: Study, images: Prepared) -> None:
    """Parameters that the user has frozen are named, and nothing is wrong with them."""
    found = named(check_network(study({"factory": "tests.checking.nets:frozen"}), images, 2), "gradients")
    assert found.good
    assert found.found == "all 3 parameters; not asked of W1, frozen by requires_grad"


def test_too_high_a_rate_is_noticed(study: Study, images: Prepared) -> None:
    """Where the middle of the space makes the cost rise, that is said."""
    space = {"eta": {"option": "learning_rate", "low": 50.0, "high": 100.0}}
    assert "cost falls" in warned(check_network(study(MLP, space=space), images, 2))


def test_too_low_rates_do_not_overfit(study: Study, images: Prepared) -> None:
    """Where no learning rate of the space gets 100 images into the network, the accuracy that was reached is said."""
    space = {"eta": {"option": "learning_rate", "low": 1e-9, "high": 1e-8, "log": True}}
    found = named(check_network(study(MLP, space=space), images, 2), "overfits")
    assert not found.good
    assert "% of 100 images after 500 steps" in found.found


@pytest.mark.parametrize(("model", "good"), [(MLP, True), ({"factory": "tests.checking.nets:unweighted"}, False)], ids=str)
def test_lambda_raises_the_cost(study: Study, images: Prepared, model: dict[str, Any], good: bool) -> None:
    """A penalty makes the cost larger; with a network that has no weights to penalise it does not, which is said."""
    assert named(check_network(study(model, {"l2": 0.01}), images, 2), "lambda raises the cost").good is good


def test_every_network_of_the_space_is_seen(study: Study, images: Prepared) -> None:
    """A space with networks of several kinds has checks for each."""
    report = check_network(study({**MLP, **TINY}, space={"batch_norm": {"choices": [True, False]}}), images, 2)
    assert [check.at for check in report.checks if check.name == "first loss"] == ["batch_norm True", "batch_norm False"]
    assert {check.at for check in report.bad if check.name == "gradient's way back"} == {"batch_norm False"}


def test_fewer_images_than_a_batch(study: Study, images: Prepared) -> None:
    """A batch beyond the data is said; what can be checked is checked."""
    report = check_network(study(MLP), replace(images, train=images.train[:15]), 2)
    assert named(report, "batch").found == "batches of 20, but only 15 training images: an epoch is one step"
    assert "on 15 of the 15 training images" in report.notes[0]


def test_bad_factory(study: Study, images: Prepared) -> None:
    """A factory that cannot be imported is an error of the user's."""
    with pytest.raises(UsageError, match="factory must be importable"):
        check_network(study({"factory": "no_such_package:build"}), images, 2)


def test_steps_of_a_study_are_counted(study: Study, images: Prepared) -> None:
    """10 trials of 6 epochs of 8 steps are 480; halving at epochs 2 and 6 leaves 2 + 4/3 of every 6."""
    assert estimate(study(MLP), images, 2).lane_steps == 480
    halving = study(MLP, search={"pruner": "successive-halving"})
    assert estimate(halving, images, 2).lane_steps == round(480 * (2 + 4 / 3) / 6)
    staged = [{"name": "a", "trials": 5}, {"name": "b", "trials": 5, "budget": {"epochs": 3}}]
    assert estimate(study(MLP, stage=staged, search={"replicates": 2}), images, 2).lane_steps == 2 * (240 + 120)


def test_time_and_memory(study: Study, images: Prepared) -> None:
    """More workers take less time and more memory; a budget in seconds is what it says."""
    one, two = (estimate(study(MLP), images, workers) for workers in (1, 2))
    assert 0 < one.seconds < 60
    assert two.memory > one.memory > 300 * 2**20
    timed = estimate(study(MLP, {"epochs": None, "seconds": 60.0}), images, 2)
    assert timed.seconds == pytest.approx(10 * 60 / 2)
