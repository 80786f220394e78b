"""Studies of the fake training, in storages of their own."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hpo.data import Prepared, prepare
from hpo.engines import Engine
from hpo.engines.serial import Serial
from hpo.runner import StoredStudy, Summary, create, run
from hpo.runner.events import Event, RungDone
from hpo.spec import DataSpec, StudySpec
from hpo.storage import Database

from ..fakes.studies import images, study_file
from ..storage.conftest import database, empty

__all__ = ["database", "empty"]

FAKES = Path(__file__).parents[1] / "fakes"
WORK = "fake_training:run"
DIGITS = {"name": "digits", "train": 600, "validation": 300}
"""The section [data] of studies with real training."""


@pytest.fixture(autouse=True)
def _fakes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every process finds the fake training."""
    monkeypatch.syspath_prepend(str(FAKES))


@pytest.fixture
def digits(cache: Path) -> Prepared:
    """The images of DIGITS."""
    return prepare(DataSpec.model_validate(DIGITS))


@pytest.fixture
def stored(database: Database) -> Callable[..., StoredStudy]:
    """Makes a study, named 'study' by default, from sections of a study file or from a whole one."""

    def make(spec: StudySpec | None = None, name: str = "study", **sections: Any) -> StoredStudy:
        sections.setdefault("execution", {"groups": 2})
        return create(database, name, spec or study_file(**sections))

    return make


def real_study(stored: Callable[..., StoredStudy], name: str, trials: int) -> StoredStudy:
    """A batch-normalised network with momentum: parameters, buffers and state of the optimizer lie in its checkpoints."""
    return stored(
        name=name,
        data=DIGITS,
        model={"name": "mlp", "hidden": [16], "batch_norm": True},
        training={"optimizer": "momentum", "epochs": 4},
        space={"eta": {"option": "learning_rate", "low": 0.01, "high": 3.0, "log": True}},
        search={"pruner": "successive-halving", "replicates": 2},
        stage=[{"name": "wide", "trials": trials}],
    )


def cohorts(search: dict[str, Any], grid: dict[str, Any]) -> dict[str, Any]:
    """Sections of a study of five cohorts in two stages; its space is the grid where the search goes through one."""
    found: dict[str, Any] = {
        "search": search,
        "stage": [{"name": "wide", "trials": 12}, {"name": "narrow", "trials": 6, "narrow": {"keep": 3}}],
        "execution": {"groups": 2, "cohort": 4},
    }
    return found | ({"space": grid} if search.get("sampler") == "grid" else {})


def interrupted(event: Event) -> None:
    """A display under which a run is interrupted at every rung."""
    if isinstance(event, RungDone):
        raise KeyboardInterrupt


def train(study: StoredStudy, engine: Engine | None = None, **options: Any) -> Summary:
    """Run a study with the fake training, in this process by default."""
    with engine or Serial(WORK) as entered:
        return run(study, options.pop("data", images()), entered, **options)
