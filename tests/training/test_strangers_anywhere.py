"""Networks of a user's own come to the same numbers in this process, in worker processes and on Ray."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest

from hpo import engines
from hpo.training import Job, JobResult

from .test_strangers import BATCH, DRAWING, TOGETHER, model, told

NAMES = ["FrozenFilters", "Counting", "Recurrent", "Looking", "Routed", "scripted", "spectral", "Clamped", "tied"]


@pytest.fixture
def jobs(make_job: Callable[..., Job], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Job]:
    """Two lanes of many kinds of network, whose package lies in a folder of the user's, as a study file's factory does.

    The network that writes into its images comes first.
    """
    copytree(Path(__file__).parent / "strangers", tmp_path / "strangers")
    monkeypatch.chdir(tmp_path)  # Ray's workers look in the working directory, where the checkout would hide the installed hpo.
    lanes: list[dict[str, Any]] = [{}, {"training": {"l2": 0.01}}]
    training = {"batch_size": BATCH, "optimizer": "adam", "learning_rate": 0.01}
    kinds = [model("InPlaceFilters"), *map(model, [*TOGETHER, *NAMES]), *DRAWING]
    found = [{**kind, "factory": kind["factory"].rpartition(".")[2]} for kind in kinds]
    return [replace(make_job(kind, training, lanes, end=2), precision="float32", folders=(str(tmp_path),)) for kind in found]


def outcomes(engine: engines.Engine, jobs: list[Job]) -> dict[int, Any]:
    """All that an engine makes of jobs, but the seconds."""
    found: dict[int, Any] = {}
    with engine as running:
        for place, outcome in running.run(jobs, lambda _: None):
            assert isinstance(outcome, JobResult), outcome
            found[place] = (told(outcome), outcome.notes)
    return found


@pytest.mark.filterwarnings("ignore:.*torch.jit:DeprecationWarning")
def test_the_same_on_every_engine(jobs: list[Job]) -> None:
    """Whatever runs a job, and whatever it has run before, every number is the same."""
    serially = outcomes(engines.make("serial"), jobs)
    assert outcomes(engines.make("serial"), jobs[::-1]) == {len(jobs) - 1 - place: told for place, told in serially.items()}
    assert outcomes(engines.make("processes", 2), jobs) == serially


@pytest.mark.filterwarnings("ignore:.*torch.jit:DeprecationWarning")
def test_the_same_on_ray(jobs: list[Job]) -> None:
    """As in this process."""
    pytest.importorskip("ray", reason="Ray is not installed")
    few = [jobs[place] for place in (0, 4, -1, -4, -10)]
    assert outcomes(engines.make("ray", 1), few) == outcomes(engines.make("serial"), few)
