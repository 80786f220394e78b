"""The network that was put to the test images, read from what `hpo study test` keeps."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import optuna
import pytest
from safetensors.numpy import save_file

from hpo.analysis.table import Unanswered
from hpo.analysis.tested import Look, Templates, last_look, templates

from .studies import study


def looked(folder: Path, **changes: Any) -> optuna.Study:
    """A study with two looks on record, whose network's files lie in a folder."""
    made = study([])
    for look, right in enumerate((1, 3)):
        record = {
            "look": look, "trial": 7 + look, "accuracy": right / 4, "loss": 1.5, "test": 4,
            "confusion": [[right, 0], [4 - right, 0]], "folder": str(folder),
        }  # fmt: skip
        made.set_user_attr(f"hpo:test:{look}", record)
    described = {"network": "hpo.models:linear", "shape": [3, 2, 2], "classes": ["cat", "dog"], **changes}
    (folder / "model.json").write_text(json.dumps(described))
    save_file({"1.weight": np.arange(24.0).reshape(2, 12), "1.bias": np.zeros(2)}, folder / "model.safetensors")
    return made


def test_the_last_look_counts(tmp_path: Path) -> None:
    """Of several looks the last is shown, and it says how many there were."""
    found = last_look(looked(tmp_path))
    assert isinstance(found, Look)
    assert (found.trial, found.accuracy, found.images, found.looks, found.classes) == (8, 0.75, 4, 2, ("cat", "dog"))
    assert found.error == pytest.approx(np.sqrt(0.75 * 0.25 / 4))
    assert found.confusion.tolist() == [[3, 0], [1, 0]]


def test_weights_of_a_linear_network_are_images(tmp_path: Path) -> None:
    """Each class has its weights, in the shape of an image."""
    found = last_look(looked(tmp_path))
    assert isinstance(found, Look)
    images = templates(found)
    assert isinstance(images, Templates)
    assert images.weights.shape == (2, 3, 2, 2)
    assert images.weights.ravel().tolist() == list(range(24))


@pytest.mark.parametrize("changes", [{"network": "hpo.models:mlp"}, {"shape": [4, 3, 1]}])
def test_other_weights_are_no_images(tmp_path: Path, changes: dict[str, Any]) -> None:
    """A network with hidden layers, or images that are neither grey nor in colour, have no templates."""
    found = last_look(looked(tmp_path, **changes))
    assert isinstance(found, Look)
    assert templates(found) == Unanswered("only the weights of a linear network for grey or colour images are images themselves")


def test_files_that_are_gone(tmp_path: Path) -> None:
    """What is in the storage is still told; what was in the files is missed by name."""
    made = looked(tmp_path)
    (tmp_path / "model.json").unlink()
    found = last_look(made)
    assert isinstance(found, Look)
    assert found.classes == ("0", "1")
    assert templates(found) == Unanswered(f"the tested network's files are not in '{tmp_path}'")


def test_a_study_without_a_test() -> None:
    """It says how to make one."""
    assert last_look(study([])) == Unanswered("no network has been put to the test images: `hpo study test STUDY` does it")
