"""A database server that goes away while a study runs."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hpo.errors import StorageError
from hpo.runner import StoredStudy, create, patience, trial_table_hash
from hpo.runner.events import Event, JobProgress, StorageBack, StorageLost
from hpo.storage import connect
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
