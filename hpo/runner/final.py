"""Looks at the test images: which trial is tested, and what is on record."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from optuna.trial import FrozenTrial, TrialState

from ..attributes import TESTS, outcome_of
from ..errors import NotFound, UsageError
from ..spec import DataSpec
from .stored import StoredStudy


@dataclass(frozen=True, slots=True)
class Test:
    """One look at the test images."""

    __test__ = False  # not a test of pytest's

    look: int
    """Number of the look, counted from 0 over the whole study."""
    trial: int
    params: Mapping[str, Any]
    train: int
    """Images trained on."""
    validation: int
    test: int
    epochs: int
    training_accuracy: float
    """Mean over the last epoch's minibatches."""
    validation_accuracy: float
    """After the last epoch."""
    loss: float
    """On the test images: mean, in nats."""
    accuracy: float
    confusion: Sequence[Sequence[int]]
    """(classes, classes): test images of the row's class that were taken for the column's."""
    seconds: float
    folder: str
    """Of model.safetensors and model.json."""
    images: str
    """SHA-256 of the images, their split and their scale."""

    @property
    def balanced_accuracy(self) -> float:
        """Mean, over the classes with test images, of the share of their images that is right."""
        recalls = [row[place] / sum(row) for place, row in enumerate(self.confusion) if sum(row)]
        return sum(recalls) / len(recalls)

    @property
    def error(self) -> float:
        """Standard error of the accuracy, by the binomial distribution."""
        return math.sqrt(self.accuracy * (1 - self.accuracy) / self.test)


def tests(study: StoredStudy) -> list[Test]:
    """All looks at the test images that are on record, in their order."""
    found = (value for key, value in study.optuna.user_attrs.items() if key.startswith(f"{TESTS}:"))
    return sorted((Test(**value) for value in found), key=lambda test: test.look)


def chosen(study: StoredStudy, number: int) -> FrozenTrial:
    """The trial of a number, to be tested. Raises NotFound when it is not there and UsageError when it is not complete."""
    trials = study.trials()
    trial = next((trial for trial in trials if trial.number == number), None)
    if trial is None:
        raise NotFound(f"no trial {number} in study '{study.name}': it has {len(trials)}, counted from 0")
    if trial.state != TrialState.COMPLETE:
        state = outcome_of(trial) or "still open"
        raise UsageError(f"a trial must be complete to be tested, got trial {number}, which is {state}")
    return trial


def final_data(study: StoredStudy) -> DataSpec:
    """The images of the final network."""
    return study.spec.final.data(study.spec.data)
