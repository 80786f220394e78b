"""bfloat16 is computed everywhere: by the processor where it can, by way of float32 where it cannot."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from hpo.training import Job, JobResult, bfloat16, capabilities, products, run
from hpo.training.checkpoints import unpack
from tests.training.test_reference import CNN

WIDE = {"name": "mlp", "hidden": [260, 80], "batch_norm": True}
"""64 inputs times 260 and 260 times 80 are large enough to be taken in bfloat16."""

BRANCHING = {"factory": "tests.training.nets:branching"}

ROUNDING = 2.0**-8
"""Relative, of one number to bfloat16."""


def done(job: Job) -> JobResult:
    """Run without a display."""
    return run(job, lambda _: None)


def parameters(result: JobResult) -> torch.Tensor:
    """All that the lanes have learnt, as one vector."""
    saved = [lane.checkpoint for lane in result.lanes if lane.checkpoint is not None]
    assert len(saved) == len(result.lanes)
    return torch.cat([tensor.flatten() for each in saved for _, tensor in sorted(unpack(each).parameters.items())])


@pytest.fixture
def without(monkeypatch: pytest.MonkeyPatch) -> None:
    """A processor without bfloat16, and without AVX-512."""
    monkeypatch.setattr(bfloat16, "MULTIPLIED", False)
    monkeypatch.setattr(products, "_ONEDNN", False)


@pytest.mark.usefixtures("without")
@pytest.mark.parametrize(("lanes", "batch"), [(1, 4), (3, 4), (3, 2**9)])
def test_products_are_rounded_once(lanes: int, batch: int) -> None:
    """Each number of a product is the exact one of the rounded factors, to within its own rounding."""
    generator = torch.Generator().manual_seed(0)
    x = torch.rand(lanes, batch, 64, generator=generator).bfloat16()
    weight = torch.rand(lanes, 40, 64, generator=generator).bfloat16()
    exact = x.double() @ weight.double().mT
    for found in (products.batched_times_transposed(x, weight), products.times_transposed(x[0], weight[0])[None]):
        assert found.dtype is torch.bfloat16
        assert ((found.double() - exact[: len(found)]).abs() <= ROUNDING * exact[: len(found)]).all()


@pytest.mark.parametrize("model", [WIDE, CNN, BRANCHING], ids=str)
def test_as_the_processor_would(make_job: Callable[..., Job], monkeypatch: pytest.MonkeyPatch, model: dict[str, Any]) -> None:
    """Training by way of float32 goes where PyTorch's own bfloat16 goes, not where float32 goes."""
    lanes = [{"training": {"learning_rate": rate}} for rate in (0.01, 0.02)]
    found = {}
    for name, multiplied in (("native", True), ("rounded", False)):
        monkeypatch.setattr(bfloat16, "MULTIPLIED", multiplied)
        monkeypatch.setattr(products, "_ONEDNN", False)
        found[name] = parameters(done(make_job(model, {}, lanes, end=1, precision="bfloat16")))
    whole = parameters(done(make_job(model, {}, lanes, end=1, precision="float32")))
    assert (found["native"] - found["rounded"]).norm() < 0.8 * (found["rounded"] - whole).norm()


@pytest.mark.parametrize(("flags", "noted"), [("fpu avx2", True), ("avx512f avx512_bf16", False)])
@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_it_is_noted(
    make_job: Callable[..., Job], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, flags: str, noted: bool, precision: str
) -> None:
    """Whoever asks for bfloat16 on a processor without it is told that it saves no time."""
    info = tmp_path / "cpuinfo"
    info.write_text(f"flags\t\t: {flags}\n")
    monkeypatch.setattr(capabilities, "CPU_INFO", info)
    notes = done(make_job(WIDE, {}, [{}], end=1, precision=precision)).notes
    assert any("no instruction" in note for note in notes) is (noted and precision == "bfloat16")
