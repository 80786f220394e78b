"""The lanes compute what torch.nn and torch.optim compute."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import torch

from hpo.training import Job, run
from hpo.training.checkpoints import unpack
from hpo.training.products import LARGE
from tests.training.reference import train

LINEAR = {"name": "linear"}
MLP = {"name": "mlp", "hidden": [12, 9]}
NORMALISED = {**MLP, "batch_norm": True}
AFFINE = {**NORMALISED, "scale_and_shift": True}
DROPPED = {**MLP, "dropout": 0.4}
CNN = {"name": "cnn", "filters": 3, "dense": 8}
WIDE = {"name": "mlp", "hidden": [260, 70]}
FILTERS = {"name": "cnn", "filters": 43, "filter_size": 3, "dense": 44}
"""Weights of both kinds that are updated by the kernels for large ones."""
FACTORY = {"factory": "tests.training.nets:tanh", "width": 6}
ONE_RELU = {"factory": "tests.training.nets:reused"}
ONE_LAYER = {**ONE_RELU, "linear": True}
"""Layers that are used more than once: in order as a dense network is computed, and by any other."""

OPTIMIZERS = [
    {"optimizer": "sgd"},
    {"optimizer": "momentum", "momentum": 0.9},
    {"optimizer": "nesterov", "momentum": 0.8},
    {"optimizer": "adam"},
    {"optimizer": "adamw"},
]
SCHEDULES = [
    {"name": "constant"},
    {"name": "exponential", "decay": 0.8},
    {"name": "step", "every": 2, "factor": 0.5},
    {"name": "cyclic", "half_cycle": 17},
    {"name": "cosine"},
    {"name": "one-cycle"},
]


def distance(job: Job, steps: int) -> float:
    """The largest error of any lane's parameter against the reference, relative to the parameter's norm.

    Relative to 1e-3 where that is smaller: a bias ahead of batch norm has no effect and stays near zero.
    """
    result = run(job, lambda _: None)
    errors = []
    for lane, outcome in zip(job.lanes, result.lanes, strict=True):
        assert outcome.checkpoint is not None
        ours, (network, _) = unpack(outcome.checkpoint).parameters, train(job, lane, steps)
        for name, parameter in network.named_parameters():
            errors.append(float((ours[name] - parameter.detach()).norm() / max(parameter.detach().norm(), 1e-3)))
    return max(errors)


@pytest.mark.parametrize("model", [LINEAR, MLP, NORMALISED, AFFINE, DROPPED, CNN, FACTORY, ONE_RELU, ONE_LAYER], ids=str)
@pytest.mark.parametrize("order", ["own", "shared"])
def test_models_match_autograd(make_job: Callable[..., Job], model: dict[str, Any], order: str) -> None:
    """Hundred steps in float64 agree with autograd to 1e-10, for every kind of network and of data order."""
    lanes = [{"training": {"learning_rate": rate, "l2": l2}} for rate, l2 in [(0.1, 0.0), (0.03, 0.01), (0.2, 0.001)]]
    training = {"order": order, "optimizer": "momentum", "batch_size": 30}
    assert distance(make_job(model, training, lanes, end=10), 100) <= 1e-10


@pytest.mark.parametrize("model", [WIDE, FILTERS], ids=str)
@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=lambda o: o["optimizer"])
def test_large_weights_match_torch(make_job: Callable[..., Job], model: dict[str, Any], optimizer: dict[str, Any]) -> None:
    """Ten steps in float64 agree with torch.optim to 1e-10 also where each lane is updated by a kernel of its own."""
    lanes = [{"training": {"learning_rate": rate, "l2": l2}} for rate, l2 in [(0.01, 0.0), (0.003, 0.02)]]
    job = make_job(model, {**optimizer, "batch_size": 30}, lanes, end=1)
    shapes = [value.shape for value in unpack(_checkpoint(job)).parameters.values()]
    assert any(shape.numel() >= LARGE for shape in shapes)
    assert distance(job, 10) <= 1e-10


def _checkpoint(job: Job) -> bytes:
    (found, *_) = run(replace(job, end=0), lambda _: None).lanes
    assert found.checkpoint is not None
    return found.checkpoint


@pytest.mark.parametrize("optimizer", OPTIMIZERS, ids=lambda o: o["optimizer"])
@pytest.mark.parametrize("schedule", SCHEDULES, ids=lambda s: s["name"])
def test_optimizers_match_torch(make_job: Callable[..., Job], optimizer: dict[str, Any], schedule: dict[str, Any]) -> None:
    """Hundred steps in float64 agree with torch.optim to 1e-10, for every optimizer under every schedule."""
    lanes = [{"training": {"learning_rate": rate, "l2": l2}} for rate, l2 in [(0.01, 0.0), (0.003, 0.02)]]
    job = make_job(MLP, {**optimizer, "schedule": schedule, "batch_size": 30}, lanes, end=10)
    assert distance(job, 100) <= 1e-10


@pytest.mark.parametrize("model", [LINEAR, MLP, NORMALISED, CNN], ids=str)
def test_single_precision_step(make_job: Callable[..., Job], model: dict[str, Any]) -> None:
    """One step in float32 moves the parameters by a gradient that agrees with float64's to 1e-5."""
    training = {"optimizer": "sgd", "learning_rate": 1.0, "batch_size": 300, "epochs": 1, "explode_at": 1e6}
    job = make_job(model, training, [{}, {}], precision="float32")
    exact = make_job(model, training, [{}, {}], precision="float64")
    start = make_job(model, training, [{}, {}], end=0, precision="float64")
    for ours, best, first in zip(*(run(each, lambda _: None).lanes for each in (job, exact, start)), strict=True):
        assert ours.checkpoint
        assert best.checkpoint
        assert first.checkpoint
        begin, to = unpack(first.checkpoint).parameters, unpack(best.checkpoint).parameters
        for name, parameter in unpack(ours.checkpoint).parameters.items():
            gradient = to[name] - begin[name]
            error = (parameter.double() - to[name]).norm() / max(float(gradient.norm()), 1e-2)
            assert error <= 1e-5, name


def test_cost_is_the_protocols(make_job: Callable[..., Job]) -> None:
    """The first epoch's training cost is the mean of J = cross-entropy + l2 * sum(W^2) over the minibatches."""
    job = make_job(MLP, {"learning_rate": 1e-13, "l2": 0.3, "batch_size": 30}, [{}])
    _, costs = train(job, job.lanes[0], 10)
    measured = run(job, lambda _: None).lanes[0].epochs[0]
    assert measured.training_cost == pytest.approx(sum(costs) / 10, rel=1e-9)
    assert measured.training_loss < measured.training_cost
    assert measured.validation_loss < measured.validation_cost


def test_validation_is_in_evaluation_mode(make_job: Callable[..., Job]) -> None:
    """Validation figures are those of the trained network with its moving averages and without dropout."""
    import numpy as np
    from torch.nn import functional

    from hpo.training.images import load

    job = make_job({**NORMALISED, "dropout": 0.3}, {"learning_rate": 0.1, "batch_size": 30}, [{}, {}], end=2)
    images = load(job.data, torch.device("cpu"), torch.float64)
    for lane, outcome in zip(job.lanes, run(job, lambda _: None).lanes, strict=True):
        network, _ = train(job, lane, 20)
        scores = network.eval()(images.validation[slice(None)])
        labels = images.validation.labels
        assert outcome.epochs[-1].validation_loss == pytest.approx(functional.cross_entropy(scores, labels).item(), rel=1e-9)
        assert outcome.epochs[-1].validation_accuracy == pytest.approx(np.mean((scores.argmax(1) == labels).numpy()))


def test_a_last_job_leaves_no_checkpoints(make_job: Callable[..., Job]) -> None:
    """What it says of its lanes is the same."""
    job = make_job(MLP, {"batch_size": 30}, [{}, {}], end=1)
    first, last = run(job, lambda _: None).lanes, run(replace(job, last=True), lambda _: None).lanes
    for one, other in zip(first, last, strict=True):
        assert one.checkpoint is not None
        assert other.checkpoint is None
        assert [epoch._replace(seconds=0) for epoch in one.epochs] == [epoch._replace(seconds=0) for epoch in other.epochs]
