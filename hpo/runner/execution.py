"""How a study's jobs are cut and computed: decided at its first run, from its images and this machine, and then kept."""

from pathlib import Path
from typing import Any, Literal

import numpy as np

from ..attributes import DATA, EXECUTION
from ..data import Prepared
from ..data.guess import guess
from ..engines import usable_cores
from ..errors import UsageError
from ..search import remembers
from ..spec import ExecutionSpec, StudySpec
from ..storage import Leases
from ..training.capabilities import default_precision
from ..training.grouping import default_lanes
from .stored import StoredStudy

LARGEST_COHORT = 64
SMALLEST_COHORT = 8
"""Of a search that learns from its trials: asked one by one it would learn most, but no machine would be busy."""

_ACCELERATORS = ("/dev/nvidiactl", "/dev/dxg", "/dev/kfd")
"""NVIDIA's, Windows' under Linux, and AMD's devices. Without one of them torch need not be imported, which takes seconds."""


def settle(study: StoredStudy, data: Prepared, leases: Leases) -> ExecutionSpec:
    """The study's execution, decided and stored at its first run.

    Raises UsageError when the study has been begun on other images.
    """
    if EXECUTION not in study.optuna.user_attrs:
        execution = decide(study.spec, data, usable_cores())
        with leases.alone():  # Two drivers may have begun it at once: the first decides for both.
            if EXECUTION not in study.optuna.user_attrs:
                study.optuna.set_user_attr(EXECUTION, execution.model_dump(mode="json"))
                study.optuna.set_user_attr(DATA, _described(data))
    stored = study.optuna.user_attrs
    if stored[DATA]["sha256"] != data.sha256:
        raise UsageError(
            f"all trials of a study train on the same images, but '{study.name}' was begun on others (SHA-256 "
            f"{stored[DATA]['sha256'][:12]}, now {data.sha256[:12]}): bring them back, or begin anew with another --name"
        )
    return ExecutionSpec.model_validate(stored[EXECUTION])


def decide(spec: StudySpec, data: Prepared, cores: int) -> ExecutionSpec:
    """What the study file leaves open, by rule. Trials depend on it, so it must not depend on the load of the machine."""
    asked = spec.execution
    device = default_device() if asked.device == "auto" else asked.device
    groups = asked.groups or cores
    return ExecutionSpec(
        lanes=asked.lanes or default_lanes(spec.model, spec.training, data.shape, len(data.classes), device),
        cohort=asked.cohort or (max(groups, SMALLEST_COHORT) if remembers(spec.search) else LARGEST_COHORT),
        groups=groups,
        device=device,
        precision=default_precision(device) if asked.precision == "auto" else asked.precision,
    )


def default_device() -> Literal["cpu", "cuda"]:
    """The GPU that PyTorch finds on this machine, else its processor."""
    if not any(Path(file).exists() for file in _ACCELERATORS):
        return "cpu"
    import torch

    return "cuda" if torch.cuda.is_available() else "cpu"


def _described(data: Prepared) -> dict[str, Any]:
    return {
        "sha256": data.sha256,
        "train": len(data.train),
        "validation": len(data.validation),
        "test": len(data.test),
        "shape": list(data.shape),
        "classes": len(data.classes),
        "guess": guess(np.load(data.labels)[data.validation], data.classes)._asdict(),
        "notes": list(data.notes),
    }
