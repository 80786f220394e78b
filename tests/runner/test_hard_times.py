"""A run that is refused room, files or a steady clock: it says so, loses nothing, and the next one goes on.

`python -m benchmarks trouble` does this and more to real runs.
"""

import gc
import itertools
import os
import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from hpo.errors import EngineError, StorageError
from hpo.runner import StoredStudy, load, trial_table_hash
from hpo.storage import Leases, connect

from .conftest import train
from .test_crashes import check_consistency

Make = Callable[..., StoredStudy]

SECTIONS: dict[str, Any] = {
    "search": {"pruner": "successive-halving"},
    "stage": [{"name": "only", "trials": 12}],
    "execution": {"cohort": 4, "groups": 2},
}


@contextmanager
def at_most(kind: int, amount: int) -> Iterator[None]:
    """This process is given no more of something."""
    before = resource.getrlimit(kind)
    resource.setrlimit(kind, (amount, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(kind, before)


def struck(url: str) -> None:
    """One run, through a connection of its own."""
    database = connect(url, "write")
    try:
        train(load(database, "struck"))
    finally:
        database.close()


def test_a_full_disk(stored: Make) -> None:
    """Room is taken away at one page after the other: each run is told, keeps what is there, and the last one ends equal."""
    whole, study = stored(name="whole", **SECTIONS), stored(name="struck", **SECTIONS)
    train(whole)
    file = study.database.address.file
    assert file is not None
    study.database.close()
    trials, refused = check_consistency(study, []), 0
    for pages in itertools.count():
        try:
            with at_most(resource.RLIMIT_FSIZE, file.stat().st_size + 4096 * (pages % 3)):
                struck(study.database.address.url)
            break
        except StorageError as error:
            refused += "make room" in str(error)
        trials = check_consistency(study, trials)
        if pages > 30:  # By now room must be made.
            struck(study.database.address.url)
            break
    assert refused > 3
    assert trial_table_hash(load(connect(study.database.address.url, "read"), "struck").optuna) == trial_table_hash(whole.optuna)


def test_too_few_file_descriptors(stored: Make) -> None:
    """With none to spare, or with few, a run ends in one of hpo's own errors, or in the system's, which the command explains."""
    whole, study = stored(name="whole", **SECTIONS), stored(name="struck", **SECTIONS)
    train(whole)
    study.database.close()
    trials = check_consistency(study, [])
    refused = 0
    for more in itertools.count():
        gc.collect()  # Else what earlier tests have left open may be given back in the middle of the run.
        os.close(free := os.dup(0))
        try:
            with at_most(resource.RLIMIT_NOFILE, free + more):
                struck(study.database.address.url)
            break
        except (StorageError, EngineError, OSError):
            refused += 1
        trials = check_consistency(study, trials)
    assert refused > 2
    assert trial_table_hash(load(connect(study.database.address.url, "read"), "struck").optuna) == trial_table_hash(whole.optuna)


def test_a_clock_that_jumps_back(stored: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """Leases hold by the process where it can be seen, so that an hour less on the clock at every look changes nothing."""
    whole, study = stored(name="whole", **SECTIONS), stored(name="struck", **SECTIONS)
    train(whole)
    looks = itertools.count()
    now = Leases._now
    monkeypatch.setattr(Leases, "_now", lambda self: now(self) - 3600 * next(looks))
    train(study)
    assert next(looks) > 3
    assert trial_table_hash(study.optuna) == trial_table_hash(whole.optuna)
    assert Leases(study.database, study.identifier).of_others() == {}
