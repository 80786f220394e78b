"""The network that was put to the test images: what it took for what, and, of a linear one, its weights."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..attributes import TESTS
from ..guess import Guess, guess
from .table import Floats, Integers, Unanswered

if TYPE_CHECKING:
    from optuna import Study

LINEAR = "hpo.models:linear"


class Look(NamedTuple):
    """The last look at the test images."""

    trial: int
    accuracy: float
    """In [0, 1], on the test images."""
    error: float
    """Standard error of the accuracy, by the binomial distribution."""
    loss: float
    """Mean, in nats."""
    images: int
    looks: int
    """At the test images of this study, in all."""
    confusion: Integers
    """(true classes, predicted classes)"""
    classes: tuple[str, ...]
    folder: Path
    """Of the network's files."""

    @property
    def guess(self) -> Guess:
        """What a guess gets right of these images."""
        return guess_at(self.confusion, self.classes)

    @property
    def balanced_accuracy(self) -> float:
        """Mean, over the classes that have images, of the share of these that is right."""
        images = self.confusion.sum(axis=1)
        return float((self.confusion.diagonal()[images > 0] / images[images > 0]).mean())


class Templates(NamedTuple):
    """What a class looks like to a linear classifier."""

    weights: Floats
    """(classes, channels, height, width)"""
    classes: tuple[str, ...]
    trial: int


def last_look(study: "Study") -> Look | Unanswered:
    """What is on record of the last test."""
    looks = [value for key, value in study.user_attrs.items() if key.startswith(f"{TESTS}:")]
    if not looks:
        return Unanswered("no network has been put to the test images: `hpo study test STUDY` does it")
    last = max(looks, key=lambda look: int(look["look"]))
    confusion = np.array(last["confusion"], dtype=np.int64)
    accuracy, images, folder = float(last["accuracy"]), int(last["test"]), Path(last["folder"])
    return Look(
        trial=int(last["trial"]), accuracy=accuracy, error=float(np.sqrt(accuracy * (1 - accuracy) / images)),
        loss=float(last["loss"]), images=images, looks=len(looks), confusion=confusion, folder=folder,
        classes=class_names(folder, len(confusion)),
    )  # fmt: skip


def guess_at(confusion: Integers, classes: Sequence[str]) -> Guess:
    """What a guess gets right of the images of a confusion (true classes, predicted classes)."""
    return guess(np.repeat(np.arange(len(confusion)), confusion.sum(axis=1)), classes)


def class_names(folder: Path, number: int) -> tuple[str, ...]:
    """Of a tested network's classes, from its files; their places where these are gone."""
    return tuple(map(str, _described(folder).get("classes", range(number))))


def templates(found: Look) -> Templates | Unanswered:
    """The weights of the tested network as images, where it is linear and its images have one channel or three."""
    described = _described(found.folder)
    if not described:
        return Unanswered(f"the tested network's files are not in '{found.folder}'")
    if described["network"] != LINEAR or described["shape"][0] not in (1, 3):
        return Unanswered("only the weights of a linear network for grey or colour images are images themselves")
    from safetensors.numpy import load_file

    try:
        tensors = load_file(found.folder / "model.safetensors")
    except OSError as error:
        return Unanswered(f"the tested network cannot be read: {error.strerror}")
    weights = next(tensor for name, tensor in tensors.items() if name.endswith("weight"))
    return Templates(weights.reshape(-1, *described["shape"]).astype(np.float64), found.classes, found.trial)


def _described(folder: Path) -> dict[str, Any]:
    """What model.json says; empty where there is none."""
    try:
        return dict(json.loads((folder / "model.json").read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return {}
