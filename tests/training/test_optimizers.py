"""Large and small parameters take the updates of torch.optim; large ones by its own kernel, a lane at a time."""

from typing import Any

import pytest
import torch

from hpo.spec import TrainingSpec
from hpo.training.optimizers import optimizer
from hpo.training.products import LARGE

RATES = (0.1, 0.02, 0.5)
L2 = (0.0, 0.01, 0.001)


@pytest.mark.parametrize("gradients", [torch.float64, torch.float32], ids=str)
@pytest.mark.parametrize("options", [{}, {"momentum": 0.9}, {"momentum": 0.8, "nesterov": True}], ids=str)
def test_every_size_matches_torch(options: dict[str, Any], gradients: torch.dtype) -> None:
    """Five steps of lanes with learning rates and penalties of their own; gradients may be of a lower precision."""
    torch.manual_seed(0)
    shapes = {"large": (LARGE // 64, 65), "small": (5, 4), "bias": (LARGE + 1,)}
    parameters = {name: torch.randn(len(RATES), *shape, dtype=torch.float64) for name, shape in shapes.items()}
    name = "nesterov" if options.get("nesterov") else "momentum" if options else "sgd"
    own = {"momentum": options["momentum"]} if options else {}
    trainings = [
        TrainingSpec.model_validate({"optimizer": name, "learning_rate": rate, "l2": l2, "epochs": 1, "batch_size": 1, **own})
        for rate, l2 in zip(RATES, L2, strict=True)
    ]
    ours = optimizer(trainings, parameters)
    copies = [{key: value[lane].clone() for key, value in parameters.items()} for lane in range(len(RATES))]
    theirs = [
        torch.optim.SGD(
            [{"params": [copy["large"], copy["small"]], "weight_decay": 2 * l2}, {"params": [copy["bias"]]}], lr=rate, **options
        )
        for copy, rate, l2 in zip(copies, RATES, L2, strict=True)
    ]
    for _ in range(5):
        found = {key: torch.randn_like(value).to(gradients) for key, value in parameters.items()}
        for lane, (copy, stock) in enumerate(zip(copies, theirs, strict=True)):
            for key, parameter in copy.items():
                parameter.grad = found[key][lane].double()
            stock.step()
        ours.step(parameters, found, torch.tensor(RATES, dtype=torch.float64))
    for key, parameter in parameters.items():
        expected = torch.stack([copy[key] for copy in copies])
        assert torch.allclose(parameter, expected, rtol=1e-12, atol=1e-12), key
