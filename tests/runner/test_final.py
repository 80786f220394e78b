"""The final test of a study: real networks on scikit-learn's digits."""

import copy
import json
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from hpo.confirming import best_trial
from hpo.data import Prepared, prepare
from hpo.engines.serial import Serial
from hpo.errors import HpoError, NotFound, StorageError, UsageError
from hpo.runner import StoredStudy, create, final, run, testing
from hpo.spec import StudySpec, parse
from hpo.storage import Database, connect

PAGE = Path(__file__).parents[2] / "docs" / "final-test.md"

Run = Callable[..., StoredStudy]

FILE: dict[str, Any] = {
    "title": "Two rates",
    "data": {"name": "digits", "train": 400, "validation": 100, "scale": "centre"},
    "model": {"name": "mlp", "hidden": [16], "batch_norm": True},
    "training": {"optimizer": "momentum", "batch_size": 50, "epochs": 3},
    "space": {"learning_rate": {"values": [0.001, 0.1]}},
    "search": {"sampler": "grid"},
    "stage": [{"name": "grid", "trials": 2}],
    "final": {"validation": 50, "budget": {"epochs": 5}},
}


@pytest.fixture
def ran(database: Database) -> Run:
    """Stores a study and runs it."""

    def make(**sections: Any) -> StoredStudy:
        study = create(database, "study", spec(**sections))
        run(study, prepare(study.spec.data), Serial())
        return study

    return make


def spec(**sections: Any) -> StudySpec:
    """The study with other sections in place of its own."""
    return parse({**FILE, **sections})


def look(study: StoredStudy, number: int | None = None) -> final.Test:
    """Test a trial now."""
    return testing.test(
        study, images_of(study), best_trial(study) if number is None else final.chosen(study, number), lambda progress: None
    )


def images_of(study: StoredStudy) -> Prepared:
    """The images of its final network."""
    return prepare(final.final_data(study))


def test_best_trial_is_trained_by_the_final_protocol(ran: Run) -> None:
    """The better rate, on all images but those that [final] keeps to validate, for its budget."""
    found = look(ran())
    assert found.params == {"learning_rate": 0.1}
    assert (found.train, found.validation, found.epochs) == (450, 50, 5)
    assert sum(map(sum, found.confusion)) == found.test == len(prepare(spec().data).test)
    assert found.accuracy == sum(row[place] for place, row in enumerate(found.confusion)) / found.test > 0.7


def test_images_to_validate_on_leave_some_to_train_on(ran: Run) -> None:
    """A study that was made smaller than what [final] keeps to validate is tested with as many as in the search."""
    found = look(ran(final={"validation": 500}))
    assert (found.train, found.validation) == (400, 100)


def test_every_look_is_on_record(ran: Run) -> None:
    """Looks are numbered over the whole study, read back equal, and a second one at a trial starts from other seeds."""
    study = ran()
    looks = [look(study), look(study), look(study, 0)]
    assert final.tests(study) == looks
    assert [(each.look, each.trial) for each in looks] == [(0, 1), (1, 1), (2, 0)]
    assert looks[0].confusion != looks[1].confusion


def test_example_of_the_documentation_loads_the_network(ran: Run) -> None:
    """The page's own code builds the network, which answers as it did at the test."""
    study = ran()
    found, data = look(study), images_of(study)
    (example,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    names: dict[str, Any] = {}
    exec(re.sub(r'Path\(".*?"\)', f"Path({found.folder!r})", example), names)
    pixels, labels = np.load(data.images)[data.test], np.load(data.labels)[data.test]
    right = [data.classes.index(name) for name in names["classify"](torch.from_numpy(pixels))] == labels
    assert np.mean(right) == pytest.approx(found.accuracy)
    assert json.loads((Path(found.folder) / "model.json").read_text())["test"]["accuracy"] == found.accuracy


def test_what_cannot_be_kept_is_not_on_record(ran: Run) -> None:
    """Where the network's files cannot be written there is no result; the next test is look 0."""
    study = ran()
    study.folder.parent.mkdir(parents=True, exist_ok=True)
    study.folder.write_text("in the way")
    with pytest.raises(StorageError, match="the final network must be kept"):
        look(study)
    assert final.tests(study) == []
    study.folder.unlink()
    assert look(study).look == 0


def test_killed_test_leaves_no_result(tmp_path: Path) -> None:
    """A test process that is killed while it trains has put nothing on record, and the same command works afterwards."""
    address = f"sqlite:///{tmp_path / 'hpo.db'}"
    study = create(connect(address, "create"), "study", spec(final={"budget": {"epochs": 20_000}}))
    run(study, prepare(study.spec.data), Serial())
    hpo = shutil.which("hpo", path=str(Path(sys.executable).parent)) or "hpo"
    command = [hpo, "study", "test", "study", "--storage", address]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    while not process.stderr.readline().startswith("training trial 1"):
        assert process.poll() is None
    time.sleep(0.5)
    process.kill()
    assert process.wait() == -signal.SIGKILL
    process.stderr.close()
    assert final.tests(study) == []
    assert not list(study.folder.rglob("model.*"))


def test_final_network_that_diverges_is_no_result(ran: Run) -> None:
    """A final network that leaves the region where it can learn is told as such, and the test images are not looked at."""
    study = ran()
    trial = copy.deepcopy(best_trial(study))
    trial.params = {"learning_rate": 1e6}
    with pytest.raises(HpoError, match="diverged in epoch 1"):
        testing.test(study, images_of(study), trial, lambda progress: None)
    assert final.tests(study) == []


def test_best_is_that_of_the_last_budget(ran: Run) -> None:
    """A stage with a shorter budget is not compared with the last one, however good its trials are."""
    stages = [{"name": "long", "trials": 2, "budget": {"epochs": 8}}, {"name": "short", "trials": 2}]
    study = ran(stage=stages)
    assert best_trial(study).number == 3
    assert max(study.trials(), key=lambda trial: trial.value or 0).number == 1


def test_trials_that_cannot_be_tested(ran: Run, database: Database) -> None:
    """A number that is not there, a trial that did not complete, and a study without any complete trial: each says so."""
    study = ran(space={"learning_rate": {"values": [0.1, 1e30]}})
    with pytest.raises(NotFound, match="no trial 7 in study 'study': it has 2"):
        final.chosen(study, 7)
    with pytest.raises(UsageError, match="must be complete to be tested, got trial 1, which is diverged"):
        final.chosen(study, 1)
    with pytest.raises(UsageError, match="there must be a completed trial to test, got none among 0"):
        best_trial(create(database, "fresh", spec()))
