"""Images to check on, and studies of them."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hpo.data import Prepared
from hpo.spec import StudySpec, parse

SHAPE = (1, 8, 8)
CLASSES = tuple("abcd")
TRAINING = {"batch_size": 20, "epochs": 6, "optimizer": "momentum"}


@pytest.fixture(scope="session")
def images(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    """240 images of 8x8 in four classes, each class a noisy pattern of its own; the first row is black."""
    folder: Path = tmp_path_factory.mktemp("images")
    random = np.random.default_rng(0)
    labels = random.integers(0, len(CLASSES), 240)
    patterns = random.integers(0, 256, (len(CLASSES), *SHAPE))
    pixels = (0.5 * patterns[labels] + 0.5 * random.integers(0, 256, (240, *SHAPE))).astype(np.uint8)
    pixels[:, :, 0] = 0
    np.save(folder / "images.npy", pixels)
    np.save(folder / "labels.npy", labels)
    places = np.arange(240)
    files = folder / "images.npy", folder / "labels.npy"
    return Prepared(*files, places[:160], places[160:200], places[200:], SHAPE, CLASSES, "centre", "check")


@pytest.fixture
def unscaled(images: Prepared) -> Prepared:
    """The same with pixels from 0 to 255."""
    return replace(images, scale="none")


Study = Callable[..., StudySpec]


@pytest.fixture
def study() -> Study:
    """Makes a study of the images; a section that is given is put over the default one."""

    def make(model: dict[str, Any], training: dict[str, Any] | None = None, **sections: Any) -> StudySpec:
        tree = {
            "title": "test",
            "data": {"name": "made-up", "train": 160, "validation": 40, "shape": list(SHAPE)},
            "model": model,
            "training": {key: value for key, value in {**TRAINING, **(training or {})}.items() if value is not None},
            "space": {"eta": {"option": "learning_rate", "low": 0.01, "high": 0.1, "log": True}},
            "stage": [{"name": "only", "trials": 10}],
        }
        return parse({**tree, **sections})

    return make
