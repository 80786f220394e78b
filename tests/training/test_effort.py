"""How long a job takes, as far as its shapes tell: long ones are to be begun first."""

import pytest
from pydantic import TypeAdapter

from hpo.spec import ModelSpec, TrainingSpec
from hpo.training.grouping import STEP, effort
from hpo.training.size import size

SHAPE, CLASSES = (3, 28, 28), 10


@pytest.mark.parametrize(
    "model",
    [
        {"name": "linear"},
        {"name": "mlp", "hidden": [50, 30]},
        {"name": "cnn", "filters": 7, "filter_size": 5},
        {"name": "cnn", "filters": 16, "filter_size": 3, "padding": "valid", "blocks": 1, "dense": 32},
    ],
    ids=lambda model: "-".join(map(str, model.values())),
)
def test_counts_what_pytorch_counts(model: dict[str, object]) -> None:
    """The formula, without torch, gives the multiply-adds of the network that torch builds; biases and batch norm apart."""
    spec = TypeAdapter[ModelSpec](ModelSpec).validate_python(model)
    counted = size(spec, SHAPE, CLASSES).multiply_adds
    found = effort(spec, TrainingSpec(batch_size=10), 3, SHAPE, CLASSES) / 3 - STEP
    assert found == pytest.approx(10 * counted, rel=0.02)
