"""The quick check beside the first jobs of a run: it tells, and changes nothing."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from hpo.checking import check_job
from hpo.checking.alongside import alongside
from hpo.data import Prepared
from hpo.engines import CHECKING, Engine, JobFailure, make
from hpo.engines.processes import Processes
from hpo.engines.serial import Serial
from hpo.spec import StudySpec
from hpo.training import Job, JobResult, Lane

from .conftest import Study

MLP = {"name": "mlp", "hidden": [6, 5, 5]}
FADING = {**MLP, "init": {"std": 0.005}}


@pytest.fixture(autouse=True)
def _fakes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Workers find the stand-ins for a check on the path of this process."""
    monkeypatch.syspath_prepend(str(Path(__file__).parents[1] / "fakes"))


def jobs(spec: StudySpec, images: Prepared, count: int = 3) -> list[Job]:
    """So many jobs of one lane; each goes on to another epoch."""
    return [Job(spec.seed, images, (Lane(n, 0, spec.model, spec.training),), 0, n + 1) for n in range(count)]


def ran(engine: Engine, work: list[Job]) -> list[JobResult | JobFailure]:
    """The outcomes by index."""
    found = dict(engine.run(work, lambda _: None))
    assert sorted(found) == list(range(len(work)))
    return [found[index] for index in range(len(work))]


@pytest.mark.parametrize("workers", [1, 2])
def test_results_are_those_without(study: Study, images: Prepared, workers: int) -> None:
    """Jobs give the same bits with a check ahead of them; it is told of once, and made once."""
    spec, told = study(FADING), []
    with make(workers=workers, work=CHECKING) as engine:
        checked = alongside(engine, spec, images, told.append)
        first, second = ran(checked, jobs(spec, images)), ran(checked, jobs(spec, images))
    with make("serial") as plain:
        without = ran(plain, jobs(spec, images))
    for outcomes in (first, second):
        for one, other in zip(outcomes, without, strict=True):
            assert isinstance(one, JobResult)
            assert isinstance(other, JobResult)
            assert [lane.checkpoint for lane in one.lanes] == [lane.checkpoint for lane in other.lanes]
    ((line,),) = told
    assert line.startswith("gradient's way back: ")


def test_nothing_is_said_of_a_healthy_network(study: Study, images: Prepared) -> None:
    """A check that finds nothing is told of as nothing."""
    told: list[Any] = []
    ran(alongside(Serial(CHECKING), study({**MLP, "hidden": [20]}), images, told.append), jobs(study(MLP), images, 1))
    assert told == [()]


def test_labels_tell_networks_apart(study: Study, images: Prepared) -> None:
    """Of several networks, the warning names the one that it is about."""
    spec = study(FADING, space={"batch_norm": {"choices": [True, False]}})
    told: list[Any] = []
    ran(alongside(Serial(CHECKING), spec, images, told.append), jobs(spec, images, 1))
    assert [line.split(":")[0] for line in told[0]] == ["gradient's way back, batch_norm False"]


def test_a_failing_check_stops_nothing(study: Study, images: Prepared) -> None:
    """An exception in the check is said, and the jobs are done."""
    told: list[Any] = []
    outcomes = ran(alongside(Serial("fake_checks:broken"), study(MLP), images, told.append), jobs(study(MLP), images))
    assert [outcome.lane_steps for outcome in outcomes if isinstance(outcome, JobResult)] == [1, 2, 3]
    assert told == [["it could not be made: ValueError: no such luck"]]


def test_a_deadly_check_stops_nothing(study: Study, images: Prepared) -> None:
    """A check that takes its worker with it, again and again, is given up, and the jobs are done."""
    told: list[Any] = []
    with Processes(2, "fake_checks:deadly") as engine:
        outcomes = ran(alongside(engine, study(MLP), images, told.append), jobs(study(MLP), images))
    assert [outcome.lane_steps for outcome in outcomes if isinstance(outcome, JobResult)] == [1, 2, 3]
    assert len(told) == 1
    assert told[0][0].startswith("it could not be made: a worker died 3 times")


def test_a_batch_beyond_the_data_is_warned_of(study: Study, images: Prepared) -> None:
    """Whichever of a study's sizes it is: the check of the study file knows nothing of data that were cut."""
    spec = study({**MLP, "hidden": [20]}, space={"batch_size": {"choices": [5, 50]}})
    told: list[Any] = []
    few = replace(images, train=images.train[:40])
    ran(alongside(Serial(CHECKING), spec, few, told.append), jobs(study(MLP), images, 1))
    assert "batch: batches of 50, but only 40 training images: an epoch is one step" in told[0]


def test_the_check_is_small(study: Study, images: Prepared) -> None:
    """A job of a check has a lane for at most four of the space's networks, all untrained."""
    job = check_job(study(MLP, space={"hidden": {"choices": [str(width) for width in range(1, 10)]}}), images)
    assert len(job.lanes) == len(job.labels) == 4
    assert job.begin == job.end == 0
