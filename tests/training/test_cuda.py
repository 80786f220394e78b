"""Training on a GPU, where there is one."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import torch

from hpo.training import Job, run
from hpo.training.checkpoints import unpack
from tests.training.test_reference import CNN, FACTORY, LINEAR, MLP, NORMALISED, WIDE

DROPPED = {**NORMALISED, "dropout": 0.3, "scale_and_shift": True}
MODELS = pytest.mark.parametrize("model", [LINEAR, MLP, WIDE, DROPPED, CNN, FACTORY], ids=str)
RATES = [{"training": {"learning_rate": rate}} for rate in (0.05, 0.02, 0.1)]

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device")


@MODELS
@pytest.mark.parametrize("optimizer", ["momentum", "adamw"])
def test_as_on_the_processor(make_job: Callable[..., Job], model: dict[str, Any], optimizer: str) -> None:
    """In float64 a GPU comes to the processor's parameters, within the rounding of 30 steps."""
    job = make_job(model, {"optimizer": optimizer}, RATES, end=2, precision="float64")
    there, here = (run(each, lambda _: None).lanes for each in (replace(job, device="cuda"), job))
    for one, other in zip(there, here, strict=True):
        assert one.checkpoint is not None
        assert other.checkpoint is not None
        expected = unpack(other.checkpoint).parameters
        for name, found in unpack(one.checkpoint).parameters.items():
            assert torch.allclose(found, expected[name], rtol=1e-8, atol=1e-10), name


@MODELS
@pytest.mark.parametrize(("precision", "bound"), [("float64", 1e-10), ("float32", 1e-4)])
def test_alone_or_together(make_job: Callable[..., Job], model: dict[str, Any], precision: str, bound: float) -> None:
    """A lane gives alone what it gives among others, one of which diverges, within the rounding of 30 steps."""
    wild = [RATES[0], {"training": {"learning_rate": 1e300}}, RATES[2]]
    together = run(replace(make_job(model, {}, wild, end=2, precision=precision), device="cuda"), lambda _: None).lanes
    assert together[1].divergence is not None
    for place in (0, 2):
        job = replace(make_job(model, {}, [RATES[place]], end=2, precision=precision, trials=[place]), device="cuda")
        alone, other = run(job, lambda _: None).lanes[0].checkpoint, together[place].checkpoint
        assert alone is not None
        assert other is not None
        expected = unpack(alone).parameters
        for name, found in unpack(other).parameters.items():
            assert (found - expected[name]).norm() <= bound * max(expected[name].norm(), torch.tensor(1e-2)), name
