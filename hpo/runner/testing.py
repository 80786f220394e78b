"""The final test: a trial's network trained once more by the final protocol, kept, and put to the test images once."""

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from time import monotonic
from typing import Any, Literal, cast

from optuna.trial import FrozenTrial

from ..attributes import TESTS, place_of, stage_of
from ..data import Prepared
from ..errors import HpoError, StorageError
from ..seeds import derive
from ..spec import FactorySpec, ModelSpec
from ..training import run
from ..training.job import Job, Lane, LaneResult, Progress
from .checkpoints import sync, write_whole
from .final import Test, tests
from .stored import StoredStudy

WEIGHTS, DESCRIPTION = "model.safetensors", "model.json"

FORMAT = 1
"""Of model.json."""


def test(study: StoredStudy, data: Prepared, trial: FrozenTrial, on_progress: Callable[[Progress], None]) -> Test:
    """Train a trial's network by the final protocol, look at the test images once, and put the look on record.

    `data` is of final.final_data. Seeds follow from the number of the look, so that a second one shows how much is chance.
    Nothing is on record before the network's files are whole on the disk. Raises HpoError when the network diverges, StorageError
    when its files cannot be written.
    """
    from ..training.evaluating import Trained

    began, look = monotonic(), len(tests(study))
    model, lane = _trained(study, data, trial, look, on_progress)
    assert lane.checkpoint is not None
    network = Trained(model, lane.checkpoint, data)
    figures, last = network.test(), lane.epochs[-1]
    folder = study.folder / "final" / f"look-{look}-trial-{trial.number}"
    found = Test(
        look=look, trial=trial.number, params=trial.params,
        train=len(data.train), validation=len(data.validation), test=len(data.test), epochs=last.epoch,
        training_accuracy=last.training_accuracy, validation_accuracy=last.validation_accuracy,
        loss=figures.loss, accuracy=figures.accuracy, confusion=figures.confusion,
        seconds=monotonic() - began, folder=str(folder.resolve()), images=data.sha256,
    )  # fmt: skip
    _keep(folder, network.packed(), _described(study, model, data, found))
    with study.database.transaction():
        study.optuna.set_user_attr(f"{TESTS}:{look}", asdict(found))
    return found


def _trained(
    study: StoredStudy, data: Prepared, trial: FrozenTrial, look: int, on_progress: Callable[[Progress], None]
) -> tuple[ModelSpec, LaneResult]:
    model, training = study.spec.settings(trial.params, stage_of(trial))
    training = study.spec.final.training(training)
    execution = study.execution
    assert execution is not None, "a study with a complete trial has been run"
    device = cast(Literal["cpu", "cuda"], execution.device)
    precision = cast(Literal["float32", "bfloat16", "float64"], execution.precision)
    lane = Lane(place_of(trial), 0, model, training)
    end, seed = training.total_epochs(len(data.train)), derive(study.spec.seed, "final", look)
    (found,) = run(Job(seed, data, (lane,), 0, end, device, precision), on_progress).lanes
    if found.divergence is not None:
        raise HpoError(
            f"the final network must train to its end, but trial {trial.number} diverged in epoch {found.divergence.epoch} this"
            " time: test another with --trial; the test images were not looked at"
        )
    return model, found


def _described(study: StoredStudy, model: ModelSpec, data: Prepared, found: Test) -> dict[str, Any]:
    """What is needed to build the network again, and where it comes from."""
    if isinstance(model, FactorySpec):
        network, options = model.factory, model.options()
    else:
        network, options = f"hpo.models:{model.name}", model.model_dump(mode="json", exclude={"name", "init"})
    return {
        "format": FORMAT,
        "network": network,
        "options": options,
        "shape": list(data.shape),
        "classes": list(data.classes),
        "study": study.name,
        "title": study.spec.title,
        "test": asdict(found),
    }


def _keep(folder: Path, weights: bytes, description: dict[str, Any]) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_whole(folder / WEIGHTS, weights)
        write_whole(folder / DESCRIPTION, json.dumps(description, indent=2).encode())
        sync(folder)
    except OSError as error:
        raise StorageError(
            f"the final network must be kept, but '{folder}' cannot be written: {error.strerror}; make room or make it writable"
        ) from error
