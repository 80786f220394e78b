"""bfloat16 products cost no accuracy."""

import numpy as np
import pytest
from scipy import stats

from hpo.data import prepare
from hpo.spec import DataSpec, MlpSpec, TrainingSpec
from hpo.training import Job, Lane, capabilities, run

MARGIN = 0.005


@pytest.mark.slow
def test_bfloat16_is_as_accurate() -> None:
    """Over 30 seeds, final validation accuracies in bfloat16 and float32 are equivalent within half a point.

    Two one-sided paired t tests (Schuirmann, 1987), each at 5 %.
    """
    data = prepare(DataSpec(name="digits", train=1000, validation=1000, scale="centre"))
    model = MlpSpec(name="mlp", hidden=(512, 256), batch_norm=True)
    training = TrainingSpec(optimizer="momentum", learning_rate=0.02, batch_size=50, epochs=8, l2=1e-4)
    lanes = tuple(Lane(seed, 0, model, training) for seed in range(30))
    accuracies = {
        precision: np.array([lane.epochs[-1].validation_accuracy for lane in run(job, lambda _: None).lanes])
        for precision in ("float32", "bfloat16")
        for job in [Job(0, data, lanes, 0, 8, precision=precision)]
    }
    difference = accuracies["bfloat16"] - accuracies["float32"]
    assert accuracies["float32"].mean() > 0.9
    assert np.any(difference != 0)
    assert stats.ttest_1samp(difference, -MARGIN, alternative="greater").pvalue < 0.05
    assert stats.ttest_1samp(difference, MARGIN, alternative="less").pvalue < 0.05


@pytest.mark.parametrize(
    ("flags", "device", "expected"),
    [
        ("fpu avx2", "cpu", "float32"),
        ("fpu avx512f avx512_bf16", "cpu", "bfloat16"),
        ("amx_bf16 amx_tile", "cpu", "bfloat16"),
        ("fpu", "cuda", "bfloat16"),
    ],
)
def test_precision_follows_the_hardware(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory, flags: str, device: str, expected: str
) -> None:
    """The precision by default follows from the instruction sets, never from a timing."""
    info = tmp_path_factory.mktemp("proc") / "cpuinfo"
    info.write_text(f"processor\t: 0\nflags\t\t: {flags}\n")
    monkeypatch.setattr(capabilities, "CPU_INFO", info)
    assert capabilities.default_precision(device) == expected
