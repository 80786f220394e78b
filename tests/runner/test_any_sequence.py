"""Whatever is done to a study, in whatever order: run, killed, run again, deleted, made anew.

`pytest --hypothesis-profile=chaos` tries many more orders.
"""

import os
import sqlite3
import tempfile
from contextlib import closing
from functools import cache

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as some
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from optuna.trial import FrozenTrial

from hpo.errors import NameTaken, NotFound
from hpo.runner import StoredStudy, create, delete, load, names, trial_table_hash
from hpo.spec import StudySpec
from hpo.storage import Leases, connect
from hpo.testing.crashes import POINTS, crash_at

from ..fakes.gathering import batches
from ..fakes.studies import study_file
from .conftest import train
from .test_crashes import check_consistency


def spec() -> StudySpec:
    """A study of two stages and three cohorts."""
    stages = [{"name": "wide", "trials": 6}, {"name": "narrow", "trials": 3, "narrow": {"keep": 2}}]
    return study_file(search={"pruner": "successive-halving"}, execution={"cohort": 3, "groups": 2}, stage=stages)


@cache
def undisturbed() -> str:
    """The trial table's hash where nothing happened."""
    with tempfile.TemporaryDirectory() as folder:
        study = create(connect(f"sqlite:///{folder}/hpo.db", "create"), "study", spec())
        train(study, gathering=batches)
        found = trial_table_hash(study.optuna)
        study.database.close()
    return found


class AnySequence(RuleBasedStateMachine):
    """A storage, what is done to it, and what it must hold."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.url = f"sqlite:///{self.folder.name}/hpo.db"
        connect(self.url, "create").close()
        self.there = False
        self.before: list[FrozenTrial] = []

    def teardown(self) -> None:
        """Clear away."""
        self.folder.cleanup()

    def study(self) -> StoredStudy:
        """The study, through a connection of its own."""
        return load(connect(self.url, "write"), "study")

    @rule()
    def make(self) -> None:
        """Create it; refused where there is one."""
        database = connect(self.url, "create")
        if self.there:
            with pytest.raises(NameTaken):
                create(database, "study", spec())
        else:
            create(database, "study", spec())
        database.close()
        self.there = True

    @precondition(lambda self: not self.there)
    @rule()
    def look_for_nothing(self) -> None:
        """Where there is none, that is said."""
        with pytest.raises(NotFound):
            self.study()

    @precondition(lambda self: self.there)
    @rule(trials=some.sampled_from([None, 3, 6]))
    def run(self, trials: int | None) -> None:
        """Run it, for some cohorts or to its end, evidence included: there it is what it would have been without all this."""
        study = self.study()
        lacking = sum(stage.trials - stage.asked for stage in study.stages())
        if trials is None or lacking:  # More would go on past the last stage.
            train(study, trials=trials and min(trials, lacking), gathering=batches)
        if trials is None:
            assert trial_table_hash(study.optuna) == undisturbed()
        study.database.close()

    @precondition(lambda self: self.there)
    @rule(point=some.sampled_from(list(POINTS)), occurrence=some.integers(1, 3))
    def kill(self, point: str, occurrence: int) -> None:
        """Run it in a process that is killed at a named point, if it passes there."""
        child = os.fork()
        if not child:
            self._be_killed(point, occurrence)
        _, status = os.waitpid(child, 0)
        assert status in (0, 9)

    def _be_killed(self, point: str, occurrence: int) -> None:
        try:
            os.setpgid(0, 0)
            crash_at(point, occurrence)
            train(self.study(), gathering=batches)
        except BaseException:
            os._exit(1)
        os._exit(0)

    @precondition(lambda self: self.there)
    @rule()
    def remove(self) -> None:
        """Delete it."""
        study = self.study()
        delete(study.database, "study")
        assert not study.folder.exists()
        study.database.close()
        self.there, self.before = False, []

    @invariant()
    def is_consistent(self) -> None:
        """The database is sound, no trial is lost, changed or doubled, and no dead driver holds anything."""
        database = connect(self.url, "read")
        assert names(database) == ["study"] * self.there
        with closing(sqlite3.connect(f"{self.folder.name}/hpo.db")) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        if self.there:
            study = load(database, "study")
            self.before = check_consistency(study, self.before)
            assert Leases(database, study.identifier).of_others() == {}
        database.close()


class TestAnySequence(AnySequence.TestCase):  # type: ignore[misc]  # hypothesis makes the class at run time
    """A few orders of the suite, many of the chaos profile."""


if settings.get_current_profile_name() != "chaos":
    # Without shrinking: an order that fails is short as it is, and each try is a run.
    TestAnySequence.settings = settings(max_examples=2, stateful_step_count=8, phases=[Phase.generate])
