"""A database server that goes away while a study runs."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from sqlalchemy.exc import OperationalError

from hpo.errors import StorageError
from hpo.runner import StoredStudy, create, patience, trial_table_hash
from hpo.runner.events import Event, JobProgress, StorageBack, StorageLost
from hpo.storage import connect
from hpo.storage.address import parse
from hpo.testing.postgresql import Server

from .conftest import train

Make = Callable[..., StoredStudy]

SECTIONS = {"search": {"pruner": "successive-halving"}, "execution": {"groups": 2, "cohort": 4, "lanes": 2}}


@pytest.fixture
def studies(
    postgresql: Server, stored: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[StoredStudy, StoredStudy]]:
    """The same study in a file, where it has been run, and on a server, which runs again afterwards."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setattr(patience, "LOOKED_EVERY", 0.1)
    whole = stored(**SECTIONS)
    train(whole)
    database = connect(postgresql.fresh(), "create")
    yield whole, create(database, "study", whole.spec)
    if not postgresql.answers():
        postgresql.start()
    database.close()


@pytest.mark.parametrize("asynchronous", [False, True])
def test_a_run_waits_for_its_server(studies: tuple[StoredStudy, StoredStudy], postgresql: Server, asynchronous: bool) -> None:
    """When the server is away for a while, the run says so, waits and goes on; nothing is lost, nothing told twice."""
    whole, study = studies
    seen: list[Event] = []

    def restart(event: Event) -> None:
        seen.append(event)
        if sum(isinstance(each, JobProgress) for each in seen) == 10 and isinstance(event, JobProgress):
            postgresql.stop()
        if isinstance(event, StorageLost):
            postgresql.start()

    assert train(study, display=restart, asynchronous=asynchronous).told == 14
    assert [type(event) for event in seen if isinstance(event, StorageLost | StorageBack)] == [StorageLost, StorageBack]
    assert [stage.missing for stage in study.stages()] == [0, 0]
    assert not study.folder.exists()
    if not asynchronous:
        assert trial_table_hash(study.optuna) == trial_table_hash(whole.optuna)


def test_a_server_that_stays_away_ends_the_run(
    studies: tuple[StoredStudy, StoredStudy], postgresql: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a time the run gives up and says why; with the server back, the next one goes on as if nothing had been."""
    whole, study = studies
    monkeypatch.setattr(patience, "MOST", 0.3)
    seen: list[Event] = []

    def stop(event: Event) -> None:
        seen.append(event)
        if isinstance(event, JobProgress) and postgresql.answers():
            postgresql.stop()

    with pytest.raises(StorageError, match="no server answers there"):
        train(study, display=stop)
    assert any(isinstance(event, StorageLost) for event in seen)
    postgresql.start()
    train(study)
    assert trial_table_hash(study.optuna) == trial_table_hash(whole.optuna)


class Clock:
    """Time that passes when somebody waits."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        """See time.monotonic."""
        return self.now

    def sleep(self, seconds: float) -> None:
        """Let it pass."""
        self.now += seconds


class Flaky:
    """A server that is away for so many seconds."""

    def __init__(self, clock: Clock) -> None:
        self.address, self.back_at, self._clock = parse("postgresql://nobody@nowhere/none"), 0.0, clock

    def answers(self) -> bool:
        """See Database."""
        return self._clock() >= self.back_at


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The time that Patience goes by."""
    clock = Clock()
    monkeypatch.setattr(patience, "monotonic", clock)
    monkeypatch.setattr(patience.time, "sleep", clock.sleep)
    return clock


LOST = OperationalError("SELECT 1", None, ConnectionRefusedError("connection refused"))


def test_each_outage_has_its_time(clock: Clock) -> None:
    """A second one, long after the first, is waited for as long, and its length is its own, though no trial has ended between."""
    seen: list[Event] = []
    server = Flaky(clock)
    patient = patience.Patience(cast(Any, server), seen.append, lambda: None)
    for beginning in (0.0, 2000.0):
        clock.now, server.back_at = beginning, beginning + 400
        patient.wait(LOST, told=0)
    assert [event.seconds for event in seen if isinstance(event, StorageBack)] == [400, 400]


def test_what_a_server_that_answers_refuses_again_is_no_outage(clock: Clock) -> None:
    """A full disk of the server's looks like a lost connection at first; the run does not try for ten minutes."""
    patient = patience.Patience(cast(Any, Flaky(clock)), lambda event: None, lambda: None)
    patient.wait(LOST, told=3)
    with pytest.raises(OperationalError):
        patient.wait(LOST, told=3)
    assert clock.now == patience.LOOKED_EVERY
