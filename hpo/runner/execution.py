"""How a study's jobs are cut and computed: decided at its first run, from its images and this machine, and then kept."""

from pathlib import Path
from typing import Any, Literal

from ..attributes import DATA, EXECUTION
from ..data import Prepared
from ..data.decode import RULE
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
    check_images(study, data)
    return ExecutionSpec.model_validate(study.optuna.user_attrs[EXECUTION])


def check_images(study: StoredStudy, data: Prepared) -> None:
    """Raise UsageError when a study has been begun on other images than these of its [data]."""
    begun = study.optuna.user_attrs[DATA]
    if begun["sha256"] == data.sha256:
        return
    older = (
        "; or the files are the same, and the version of hpo that began the study took them otherwise: this one turns images as"
        " EXIF says, puts transparency over white and scales 16 bits by the range in use, as viewers do"
    )
    raise UsageError(
        f"all trials of a study train on the same images, but '{study.name}' was begun on others (SHA-256 "
        f"{begun['sha256'][:12]}, now {data.sha256[:12]}): bring them back, or begin anew with another --name"
        f"{older if begun.get('rule', 1) < RULE else ''}"
    )


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
        "rule": RULE,
        "train": len(data.train),
        "validation": len(data.validation),
        "test": len(data.test),
        "shape": list(data.shape),
        "classes": len(data.classes),
        **({"guess": data.guess._asdict()} if data.guess else {}),
        "notes": list(data.notes),
    }
