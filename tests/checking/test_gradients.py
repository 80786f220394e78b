"""Gradients against difference quotients: right ones pass, planted faults are found where they are."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor

from hpo.checking import GradientReport, check_gradients
from hpo.checking.cases import cases
from hpo.data import Prepared
from hpo.errors import UsageError
from hpo.spec import TrainingSpec
from hpo.training import blocks, dense, network, optimizers, separate

from .conftest import Study

LINEAR = {"name": "linear", "init": {"std": 0.01, "bias_std": 0.01}}
MLP = {"name": "mlp", "hidden": [6, 5]}
NORMALISED = {**MLP, "batch_norm": True}
SCALED = {**NORMALISED, "scale_and_shift": True, "dropout": 0.3}
CNN = {"name": "cnn", "filters": 2, "dense": 5, "blocks": 1}
TANH = {"factory": "tests.checking.nets:tanh"}
TORCH_NORM = {"factory": "tests.checking.nets:normalised"}


def wrong(report: GradientReport) -> dict[float, set[str]]:
    """Labels of the parameters whose gradient is wrong, by lambda."""
    found: dict[float, set[str]] = {case.l2: set() for case in report.cases}
    for case, parameter in report.bad:
        found[case.l2].add(parameter.label)
    return found


@pytest.mark.parametrize("order", ["own", "shared"])
@pytest.mark.parametrize("model", [LINEAR, MLP, NORMALISED, SCALED, CNN, TANH, TORCH_NORM], ids=str)
def test_right_gradients_pass(study: Study, images: Prepared, model: dict[str, Any], order: str) -> None:
    """Every kind of network is within the bounds, and the centred difference is far closer than the forward one."""
    report = check_gradients(study(model, {"order": order}), images)
    assert not report.bad
    for case in report.cases:
        forward, centred = (max(getattr(p, kind).absolute for p in case.parameters) for kind in ("forward", "centred"))
        assert centred < forward / 5


@pytest.mark.parametrize("optimizer", ["sgd", "nesterov", "adam", "adamw"])
def test_every_optimizer_s_gradient_is_read(study: Study, images: Prepared, optimizer: str) -> None:
    """The gradient is found behind every optimizer; adamw's penalty stands beside it, and the report says so."""
    report = check_gradients(study(MLP, {"optimizer": optimizer}), images)
    assert not report.bad
    assert any("adamw" in note for note in report.notes) == (optimizer == "adamw")


def test_cases_are_the_reports(study: Study) -> None:
    """Batches and lambdas follow the report with such a network; batch norm counts when any trial may have it."""
    assert cases(study(MLP)) == ((1, 0.0), (20, 0.0), (20, 1.0))
    assert cases(study(NORMALISED))[:3] == ((10, 0.0), (20, 0.0), (30, 0.0))
    switch = {"batch_norm": {"choices": [False, True]}}
    assert cases(study(MLP, space=switch)) == cases(study(NORMALISED))


def test_batch_norm_of_the_space_is_in_the_network(study: Study, images: Prepared) -> None:
    """Where some trials have batch norm and some have not, it is the network with it that is checked."""
    report = check_gradients(study(MLP, space={"batch_norm": {"choices": [False, True]}}), images)
    assert "batch_norm = True" in report.network


def test_inputs_that_vary_are_taken(study: Study, images: Prepared) -> None:
    """A dense network gets the first 20 inputs that are not black in every image; without them W1 would have no gradient."""
    report = check_gradients(study(LINEAR), images)
    assert (report.inputs, report.of_inputs) == (20, 64)
    flat = check_gradients(study({**CNN, "dense": 40}), images)
    assert flat.inputs == 64
    assert any("50 entries each" in note for note in flat.notes)


def negated(backward: Callable[..., Tensor], name: str) -> Callable[..., Tensor]:
    """A backward pass whose gradient of one parameter has the wrong sign."""

    def faulty(self: Any, gradient: Tensor, into: dict[str, Tensor]) -> Tensor:
        result = backward(self, gradient, into)
        if self.name == name.split(".")[0]:
            into[name] = -into[name]
        return result

    return faulty


@pytest.mark.parametrize(
    ("name", "label"), [("1.weight", "W1"), ("3.weight", "W2"), ("3.bias", "b2"), ("5.weight", "W3")], ids=str
)
def test_sign_error_is_found(study: Study, images: Prepared, monkeypatch: pytest.MonkeyPatch, name: str, label: str) -> None:
    """A gradient with the wrong sign is found, and no other parameter is suspected."""
    monkeypatch.setattr(dense.Linear, "backward", negated(dense.Linear.backward, name))
    for found in wrong(check_gradients(study(MLP), images)).values():
        assert found == {label}


def test_sign_error_of_a_convolution_is_found(study: Study, images: Prepared, monkeypatch: pytest.MonkeyPatch) -> None:
    """Networks that train one at a time are checked on their own path."""
    step = separate.SeparateLanes._step

    def faulty(self: Any, *arguments: Any) -> Any:
        loss, correct, gradients = step(self, *arguments)
        return loss, correct, {**gradients, "0.weight": -gradients["0.weight"]}

    monkeypatch.setattr(separate.SeparateLanes, "_step", faulty)
    for found in wrong(check_gradients(study(CNN), images)).values():
        assert found == {"W1"}


@pytest.mark.parametrize(("kind", "optimizer"), [(optimizers.Sgd, "sgd"), (optimizers.Adam, "adam")], ids=str)
@pytest.mark.parametrize("model", [LINEAR, MLP, NORMALISED], ids=str)
def test_forgotten_factor_of_lambda_is_found(
    study: Study, images: Prepared, monkeypatch: pytest.MonkeyPatch, model: dict[str, Any], kind: Any, optimizer: str
) -> None:
    """A penalty whose gradient is lambda * W instead of 2 * lambda * W is found in every weight matrix, and only with lambda."""
    make = kind.__init__

    def faulty(self: Any, trainings: list[TrainingSpec], blocks: Any) -> None:
        make(self, [training.model_copy(update={"l2": training.l2 / 2}) for training in trainings], blocks)

    monkeypatch.setattr(kind, "__init__", faulty)
    found = wrong(check_gradients(study(model, {"optimizer": optimizer}), images))
    weights = {"W1"} if model is LINEAR else {"W1", "W2", "W3"}
    assert found == {0.0: set(), 1.0: weights}


def test_penalised_biases_are_found(study: Study, images: Prepared, monkeypatch: pytest.MonkeyPatch) -> None:
    """A penalty on the biases too, which J does not have, is found."""
    monkeypatch.setattr(blocks, "penalised", list)
    assert wrong(check_gradients(study(LINEAR), images)) == {0.0: set(), 1.0: {"b1"}}


def test_constant_statistics_are_found(study: Study, images: Prepared, monkeypatch: pytest.MonkeyPatch) -> None:
    """A batch-norm gradient that takes mean and variance for constants is found in every layer before it, and in none after."""

    def faulty(self: Any, gradient: Tensor, into: dict[str, Tensor]) -> Tensor:
        return gradient * self.scale

    monkeypatch.setattr(dense.BatchNorm, "backward", faulty)
    for found in wrong(check_gradients(study(NORMALISED), images)).values():
        assert found == {"W1", "b1", "W2", "b2"}


def test_neighbours_that_mix_are_found(study: Study, images: Prepared, monkeypatch: pytest.MonkeyPatch) -> None:
    """A lane that takes its neighbour's gradient is found, since the lane that is looked at has one."""
    step = dense.DenseLanes.step

    def faulty(self: Any, *arguments: Any) -> Any:
        losses, correct, gradients = step(self, *arguments)
        return losses, correct, {name: gradient.flip(0) for name, gradient in gradients.items()}

    monkeypatch.setattr(dense.DenseLanes, "step", faulty)
    assert "W1" in wrong(check_gradients(study(MLP), images))[0.0]


def test_wrong_numbers_are_wrong(study: Study, images: Prepared, monkeypatch: pytest.MonkeyPatch) -> None:
    """A gradient that is not a number is never within the bounds."""
    monkeypatch.setattr(dense.ReLU, "backward", lambda self, gradient, into: torch.full_like(gradient, float("nan")))
    assert "W1" in wrong(check_gradients(study(MLP), images))[0.0]


@pytest.mark.parametrize(("name", "left"), [("frozen", "W1"), ("idle", "W2, b2"), ("averaging", "")], ids=str)
@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_what_does_not_train_is_not_checked(study: Study, images: Prepared, name: str, left: str, optimizer: str) -> None:
    """Frozen and idle parameters are left out and named; buffers that a pass changes do not disturb the next one."""
    report = check_gradients(study({"factory": f"tests.checking.nets:{name}"}, {"optimizer": optimizer}), images)
    assert report.bad == ()
    notes = [note for note in report.notes if note.startswith("not checked")]
    assert notes == ([f"not checked: {left}, which are frozen or have no part in the output"] if left else [])


def test_random_cost_is_refused(study: Study, images: Prepared) -> None:
    """A network that draws at random has no gradient to compare, which the message says."""
    with pytest.raises(UsageError, match=r"J must follow from the weights alone.*hpo\.models\.Dropout"):
        check_gradients(study({"factory": "tests.checking.nets:random"}), images)


def test_a_network_without_float64_is_refused(study: Study, images: Prepared) -> None:
    """Difference quotients need its digits: one sentence says where the network cannot do it, and the way out."""
    with pytest.raises(UsageError, match=r"checked in float64.*InFloats cannot.*RuntimeError.*nets.py, line \d+\); let what it"):
        check_gradients(study({"factory": "tests.checking.nets:InFloats"}), images)


def test_batch_beyond_the_data_is_refused(study: Study, images: Prepared) -> None:
    """A report's batch that is larger than the data is an error of the user's, with a way out."""
    few = replace(images, train=images.train[:15])
    with pytest.raises(UsageError, match=r"at most all 15 training images, got 20: .*--set data\.train"):
        check_gradients(study(MLP), few)


def test_penalty_names_are_what_the_optimizer_covers(study: Study, images: Prepared) -> None:
    """The check's own idea of a weight, two dimensions or more, is that of the stacked parameters, three or more."""
    parameters = {"weight": torch.zeros(2, 3, 4), "bias": torch.zeros(2, 3)}
    assert network.penalised(parameters) == ["weight"]
