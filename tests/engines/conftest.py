"""Jobs that take no time."""

from pathlib import Path

import numpy as np
import pytest

from hpo.data import Prepared
from hpo.spec import LinearSpec, TrainingSpec
from hpo.training.job import Job, Lane

FAKE = "fake_training:run"


@pytest.fixture(autouse=True)
def _fakes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers find the stand-in for the training on the path of this process."""
    monkeypatch.syspath_prepend(str(Path(__file__).parents[1] / "fakes"))


@pytest.fixture
def jobs() -> list[Job]:
    """Seven jobs of one to three lanes."""
    return [job(first, lanes) for first, lanes in ((0, 3), (3, 2), (5, 1), (6, 3), (9, 2), (11, 1), (12, 3))]


def job(first: int, count: int, end: int = 2) -> Job:
    """A job of the trials first, first + 1, ..."""
    indices = np.arange(4)
    data = Prepared(Path("x.npy"), Path("y.npy"), indices, indices, indices, (1, 8, 8), ("a", "b"), "unit", "0" * 64)
    lanes = tuple(
        Lane(trial, 0, LinearSpec(name="linear"), TrainingSpec(learning_rate=0.01 * (trial + 1)))
        for trial in range(first, first + count)
    )
    return Job(7, data, lanes, 0, end)
