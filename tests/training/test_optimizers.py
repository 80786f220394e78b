"""Large and small parameters take the updates of torch.optim; large ones by its own kernels, a lane at a time."""

from typing import Any

import pytest
import torch
from torch import Tensor, nn

from hpo.spec import TrainingSpec
from hpo.training.blocks import FEW, Blocks
from hpo.training.optimizers import optimizer
from hpo.training.products import LARGE

RATES = (0.1, 0.02, 0.5)
L2 = (0.0, 0.01, 0.001)
SHAPES = {
    "large": (LARGE // 64, 65),
    "small": (5, 4),
    "middle": (FEW + 1, 2),
    "filters": (LARGE // 64, 8, 3, 3),
    "last": (LARGE // 64, 8, 3, 3),
    "bias": (LARGE + 1,),
    "scalar": (),
    "none": (0,),
}
COPIED = ("large", "small", "middle", "last")

STOCK: dict[str, tuple[type[torch.optim.Optimizer], dict[str, Any], dict[str, Any]]] = {
    "sgd": (torch.optim.SGD, {}, {}),
    "momentum": (torch.optim.SGD, {"momentum": 0.9}, {"momentum": 0.9}),
    "nesterov": (torch.optim.SGD, {"momentum": 0.8}, {"momentum": 0.8, "nesterov": True}),
    "adam": (torch.optim.Adam, {"beta1": 0.8, "epsilon": 1e-4}, {"betas": (0.8, 0.999), "eps": 1e-4}),
    "adamw": (torch.optim.AdamW, {"beta2": 0.9}, {"betas": (0.9, 0.9)}),
}
"""By our name: torch's class, our options, and torch's."""


@pytest.mark.parametrize("precision", [torch.float64, torch.float32], ids=str)
@pytest.mark.parametrize("name", STOCK)
def test_every_size_matches_torch(name: str, precision: torch.dtype) -> None:
    """Five steps of lanes with rates and penalties of their own; gradients may be of less precision, and lie as they like."""
    torch.manual_seed(0)
    kind, _, theirs = STOCK[name]
    parameters = {key: torch.randn(len(RATES), *shape, dtype=torch.float64) for key, shape in SHAPES.items()}
    parameters["last"] = _channels_last(parameters["last"])
    lanes = [{key: nn.Parameter(value[lane].clone()) for key, value in parameters.items()} for lane in range(len(RATES))]
    stock = [_stock(kind, lane, rate, l2, theirs) for lane, rate, l2 in zip(lanes, RATES, L2, strict=True)]
    trainings = [_training(name, rate, l2) for rate, l2 in zip(RATES, L2, strict=True)]
    blocks = Blocks(parameters)
    parameters = blocks.by_name
    ours = optimizer(trainings, blocks)
    copies = {key: parameters[key].bfloat16() for key in COPIED}
    for _ in range(5):
        gradients = {key: torch.randn_like(value).to(precision) for key, value in parameters.items()}
        for lane, each in enumerate(lanes):
            for key, parameter in each.items():
                parameter.grad = gradients[key][lane].double()
            stock[lane].step()
        gradients["filters"] = gradients["filters"].transpose(2, 4).contiguous().transpose(2, 4)
        ours.step(gradients, torch.tensor(RATES, dtype=torch.float64), copies)
    for key, copy in copies.items():
        assert torch.equal(copy, parameters[key].bfloat16()), key
    for key, value in parameters.items():
        expected = torch.stack([each[key].detach() for each in lanes])
        assert torch.allclose(value, expected, rtol=1e-10, atol=1e-12), key


@pytest.mark.parametrize("name", ["momentum", "nesterov"])
def test_lanes_without_momentum_beside_some_with(name: str) -> None:
    """A momentum of 0 is plain gradient descent, for parameters of every size and whatever the other lanes have."""
    trainings = [TrainingSpec(optimizer=name, learning_rate=0.1, momentum=momentum, epochs=1) for momentum in (0.0, 0.9)]
    blocks = Blocks({key: torch.ones(2, *shape, dtype=torch.float64) for key, shape in SHAPES.items()})
    ours = optimizer(trainings, blocks)
    for _ in range(3):
        gradients = {key: torch.ones_like(value) for key, value in blocks.by_name.items()}
        ours.step(gradients, torch.tensor([0.1, 0.1], dtype=torch.float64), {})
    for key, value in blocks.by_name.items():
        assert torch.allclose(value[0], torch.full_like(value[0], 0.7), rtol=1e-12), key
        assert bool((value[1] < 0.6).all()), key


@pytest.mark.parametrize("name", STOCK)
def test_what_has_no_gradient_and_no_penalty_stays(name: str) -> None:
    """An infinite one too, as in a mask of scores: nothing is multiplied by 0."""
    parameters = {key: torch.full((2, *shape), -torch.inf) for key, shape in {"few": (3,), "many": (LARGE + 1,)}.items()}
    parameters["weights"] = torch.ones(2, 3, 3)
    blocks = Blocks(parameters)
    ours = optimizer([_training(name, 0.1, 0.01)] * 2, blocks)
    ours.step({key: torch.zeros_like(value) for key, value in parameters.items()}, torch.tensor([0.1, 0.1]), {})
    assert bool((blocks.by_name["few"] == -torch.inf).all())
    assert bool((blocks.by_name["many"] == -torch.inf).all())
    assert bool((blocks.by_name["weights"] < 1).all())


@pytest.mark.parametrize("name", STOCK)
def test_gradients_are_only_read(name: str) -> None:
    """Two parameters may share one, as those of a sum do."""
    shapes = {"filters": (4, 2, 3, 3), "middle": (FEW + 1, 2), "more": (FEW + 1, 2), "few": (2, 2), "also": (2, 2)}
    blocks = Blocks({key: torch.randn(2, *shape) for key, shape in shapes.items()})
    gradients = {key: torch.randn(2, *shape) for key, shape in shapes.items()}
    gradients |= {"more": gradients["middle"], "also": gradients["few"]}
    before = {key: gradient.clone() for key, gradient in gradients.items()}
    optimizer([_training(name, 0.1, 0.01)] * 2, blocks).step(gradients, torch.tensor([0.1, 0.1]), {})
    for key, gradient in gradients.items():
        assert torch.equal(gradient, before[key]), key


def _training(name: str, rate: float, l2: float) -> TrainingSpec:
    common = {"optimizer": name, "epochs": 1, "batch_size": 1, **STOCK[name][1]}
    return TrainingSpec.model_validate({**common, "learning_rate": rate, "l2": l2})


def _channels_last(filters: Tensor) -> Tensor:
    """As the filters of lanes lie in memory, and none of their gradients."""
    return filters.movedim(2, 4).contiguous().movedim(4, 2)


def _stock(
    kind: Any, parameters: dict[str, nn.Parameter], rate: float, l2: float, options: dict[str, Any]
) -> torch.optim.Optimizer:
    weights = [parameter for parameter in parameters.values() if parameter.dim() >= 2]
    others = [parameter for parameter in parameters.values() if parameter.dim() < 2]
    groups = [{"params": weights, "weight_decay": 2 * l2}, {"params": others, "weight_decay": 0.0}]
    made: torch.optim.Optimizer = kind(groups, lr=rate, **options)
    return made
