"""Small jobs on made-up images whose classes can be learnt."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hpo.data import Prepared
from hpo.spec import StudySpec, parse
from hpo.training import Job, Lane

SHAPE = (1, 8, 8)
CLASSES = tuple("abcd")


@pytest.fixture(scope="session")
def images(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    """400 images of 8x8 in four classes, each class a noisy pattern of its own."""
    folder: Path = tmp_path_factory.mktemp("images")
    random = np.random.default_rng(0)
    labels = random.integers(0, len(CLASSES), 400)
    patterns = random.integers(0, 256, (len(CLASSES), *SHAPE))
    pixels = (0.5 * patterns[labels] + 0.5 * random.integers(0, 256, (400, *SHAPE))).astype(np.uint8)
    np.save(folder / "images.npy", pixels)
    np.save(folder / "labels.npy", labels)
    places = np.arange(400)
    return Prepared(
        folder / "images.npy",
        folder / "labels.npy",
        places[:300],
        places[300:380],
        places[380:],
        SHAPE,
        CLASSES,
        "centre",
        "test",
    )


def study(model: dict[str, Any], training: dict[str, Any]) -> StudySpec:
    """A study on the made-up images."""
    return parse(
        {
            "title": "test",
            "data": {"name": "made-up", "train": 300, "validation": 80, "shape": list(SHAPE)},
            "model": model,
            "training": {"batch_size": 20, "epochs": 10, **training},
            "space": {"eta": {"option": "learning_rate", "low": 1e-9, "high": 1e9, "log": True}},
            "stage": [{"name": "only", "trials": 1}],
        }
    )


@pytest.fixture
def make_job(images: Prepared) -> Callable[..., Job]:
    """Makes a job from a model, a training section and one dictionary of overrides a lane."""

    def make(
        model: dict[str, Any],
        training: dict[str, Any],
        lanes: list[dict[str, Any]],
        begin: int = 0,
        end: int = 1,
        precision: str = "float64",
        trials: list[int] | None = None,
        checkpoints: list[bytes | None] | None = None,
    ) -> Job:
        made = []
        for place, overrides in enumerate(lanes):
            spec = study(model | overrides.get("model", {}), training | overrides.get("training", {}))
            checkpoint = checkpoints[place] if checkpoints else None
            number = trials[place] if trials else place
            made.append(Lane(number, overrides.get("replicate", 0), spec.model, spec.training, checkpoint))
        return Job(7, images, tuple(made), begin, end, precision=precision)  # type: ignore[arg-type]

    return make
