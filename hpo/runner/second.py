"""The second objective of a study that has two: what a trial's network costs, known from its settings alone."""

from collections.abc import Mapping
from typing import Any

from ..attributes import DATA
from ..spec import ModelSpec, TrainingSpec
from .stored import StoredStudy

PASSES = 3
"""Forwards, and backwards to the weights and to the inputs: the multiply-adds of a step over those of its images forwards."""


def second_value(study: StoredStudy, model: ModelSpec, training: TrainingSpec) -> float:
    """Parameters of one network, or multiply-adds of its whole training; every replicate has the same."""
    from ..training.size import size

    images: Mapping[str, Any] = study.optuna.user_attrs[DATA]
    channels, height, width = images["shape"]
    found = size(model, (channels, height, width), images["classes"])
    if study.spec.search.against == "parameters":
        return float(found.parameters)
    batch = min(training.batch_size, images["train"])
    return float(PASSES * found.multiply_adds * batch * training.total_steps(training.steps_per_epoch(images["train"])))
