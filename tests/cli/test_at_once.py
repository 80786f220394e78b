"""Commands that are given at the same moment: each sees the storage as it was before the other wrote."""

from pathlib import Path

import pytest

from hpo.cli.study.asked import Asked, find
from hpo.errors import NameTaken, NotFound, UsageError
from hpo.runner import create, delete, load
from hpo.storage import connect

from ..fakes.studies import study_file

STORAGE = "sqlite:///hpo.db"


def test_two_first_runs_share_the_study(folder: Path) -> None:
    """Of two runs that both find no study, one makes it and the other goes on with that one."""
    looked = [find(Asked("cifar-bn", STORAGE, data="digits")) for _ in range(2)]
    first, second = (found.stored_or_new() for found in looked)
    assert first.uid == second.uid


def test_two_first_runs_with_other_settings(folder: Path) -> None:
    """The second of two runs that mean different studies by one name is told of the difference, and changes nothing."""
    first, second = (find(Asked("cifar-bn", STORAGE, assignments=(f"seed={seed}",))) for seed in (1, 2))
    first.stored_or_new()
    with pytest.raises(UsageError, match=r"seed: 1 is stored, 2 asked for\n.*a name of its own with --name"):
        second.stored_or_new()
    assert load(connect(STORAGE, "read"), "cifar-bn").spec.seed == 1


def test_two_creates(folder: Path) -> None:
    """Of two `study create` that both find the name free, the second is told that it is taken."""
    first, second = connect(STORAGE, "create"), connect(STORAGE, "create")
    create(first, "study", study_file(seed=1))
    with pytest.raises(NameTaken, match=r"there is a study 'study' in sqlite:///hpo.db already: run it with"):
        create(second, "study", study_file(seed=2))
    assert load(second, "study").spec.seed == 1


def test_two_deletes(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The slower of two `study delete` is told that the study is gone."""
    first, second = connect(STORAGE, "create"), connect(STORAGE, "create")
    study = create(first, "study", study_file())
    delete(first, "study")
    monkeypatch.setattr("hpo.runner.creating.load", lambda database, name: study)
    with pytest.raises(NotFound, match=r"no study 'study': .* holds none"):
        delete(second, "study")
