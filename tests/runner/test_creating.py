"""Studies in a storage: made whole, found by name, taken out with their files."""

import os
from collections.abc import Callable

import optuna
import pytest

from hpo import catalog
from hpo.errors import InvalidSpec, NotFound, UsageError
from hpo.runner import StoredStudy, create, delete, load, names
from hpo.runner.events import Event
from hpo.spec import parse
from hpo.storage import Database

from ..fakes.studies import study_file
from .conftest import train

Make = Callable[..., StoredStudy]


@pytest.mark.parametrize("name", catalog.names())
def test_a_stored_study_reads_back_equal(name: str, database: Database) -> None:
    """What comes out of the storage is the study file that went in."""
    made = create(database, name, catalog.builtin(name))
    read = load(database, name)
    assert read.spec == made.spec == catalog.builtin(name)
    assert read.uid == made.uid
    assert read.optuna.direction.name.lower() == read.spec.search.direction


def test_a_taken_name_is_refused(stored: Make) -> None:
    """A second study of the same name is refused, and the first one stays as it was."""
    first = stored(seed=1)
    with pytest.raises(UsageError, match=r"a study 'study' in .* already"):
        stored(seed=2)
    assert load(first.database, "study").spec.seed == 1


@pytest.mark.parametrize(
    "name", ["", " ", "study ", "two\nlines", "nul\0", "\x1b[31mred", "\ud800", "x" * 201, "tab\t", "\u200b", "line\u2028"]
)
def test_unfit_names_are_refused(name: str, database: Database) -> None:
    """A name that cannot be typed, printed or stored is refused with the rule."""
    with pytest.raises(UsageError, match=r"1 to 200 printable characters|must not be empty"):
        create(database, name, study_file())
    assert names(database) == []


@pytest.mark.parametrize("name", ["../../etc", "a; DROP TABLE studies", "Ünïcode 数", "100%", "{x}", "'quoted'"])
def test_odd_names_are_found_again(name: str, stored: Make) -> None:
    """Names that look like paths, statements or templates are names; files lie below an id, never below a name."""
    study = stored(name=name)
    assert load(study.database, name).spec == study.spec
    assert names(study.database) == [name]
    assert study.folder.parent == study.database.address.folder
    delete(study.database, name)
    assert names(study.database) == []


def test_letters_of_another_case_make_another_name(stored: Make) -> None:
    """Names that differ in nothing but their case are two studies, with two folders."""
    lower, upper = stored(name="study", seed=1), stored(name="STUDY", seed=2)
    assert [load(lower.database, name).spec.seed for name in ("study", "STUDY")] == [1, 2]
    assert str(lower.folder).casefold() != str(upper.folder).casefold()


def test_unknown_study_has_its_nearest_name(stored: Make) -> None:
    """A name that is not there is answered with the nearest one and all there are."""
    study = stored(name="cifar-bn")
    with pytest.raises(NotFound, match="unknown study 'cifar-bm': did you mean 'cifar-bn'"):
        load(study.database, "cifar-bm")


def test_empty_storage_says_so(database: Database) -> None:
    """In a storage without studies there is no nearest name."""
    with pytest.raises(NotFound, match=r"no study 'x': .* holds none"):
        load(database, "x")


def test_other_studies_are_told_apart(database: Database) -> None:
    """A study that stock Optuna made is listed, and refused where a study file is needed."""
    optuna.create_study(storage=database, study_name="stock")
    assert names(database) == ["stock"]
    with pytest.raises(UsageError, match="was not made by hpo"):
        load(database, "stock")


def test_later_versions_are_told_apart(stored: Make) -> None:
    """A study whose file this version cannot know is refused with the way out."""
    study = stored()
    study.optuna.set_user_attr("hpo:spec", {"version": 99, "study": {}})
    with pytest.raises(UsageError, match="later version of hpo: pip install"):
        load(study.database, "study")


def test_a_study_that_cannot_search_is_not_made(database: Database) -> None:
    """A sampler or pruner that cannot be made is refused before anything is stored."""
    with pytest.raises(InvalidSpec, match="n_startup"):
        create(database, "study", study_file(search={"sampler": "tpe", "sampler_options": {"n_startup": 1}}))
    assert names(database) == []


def test_a_failed_creation_leaves_nothing(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """An interrupt between the study and its attributes leaves no study without a study file."""

    def interrupt(self: object, key: str, value: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(optuna.Study, "set_user_attr", interrupt)
    with pytest.raises(KeyboardInterrupt):
        create(database, "study", study_file())
    assert names(database) == []


def test_delete_takes_the_files_along(stored: Make) -> None:
    """A deleted study leaves neither rows nor checkpoints, and its name is free again, with new files."""
    study, other = stored(name="study", search={"pruner": "median"}), stored(name="other")

    def interrupt(event: Event) -> None:
        if type(event).__name__ == "RungDone":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(study, display=interrupt)
    assert os.listdir(study.folder)
    delete(study.database, "study")
    assert not study.folder.exists()
    assert names(study.database) == ["other"]
    again = create(study.database, "study", other.spec)
    assert again.uid != study.uid
    assert again.trials() == []


def test_deleted_while_it_runs(stored: Make) -> None:
    """A run whose study is deleted by someone else ends with that message, and leaves no files behind it."""
    study = stored()

    def remove(event: Event) -> None:
        if type(event).__name__ == "JobProgress" and names(study.database):
            delete(study.database, "study")

    with pytest.raises(NotFound, match="'study' was deleted while it ran"):
        train(study, display=remove)
    assert names(study.database) == []
    assert not study.folder.exists()


def test_trials_of_others_are_left_alone(stored: Make) -> None:
    """Trials that a user adds with stock Optuna are neither counted nor changed."""
    study = stored()
    train(study, trials=3)
    stock = optuna.load_study(study_name="study", storage=study.database)
    asked = stock.ask({name: parameter.distribution() for name, parameter in study.spec.space.items()})
    summary = train(study)
    assert summary.told == 11
    assert len(study.optuna.trials) == 15
    assert study.optuna.trials[asked.number].state == optuna.trial.TrialState.RUNNING


def test_spec_tree_is_complete(stored: Make) -> None:
    """The study file is stored with its defaults, so that later versions with other defaults do not change it."""
    study = stored()
    tree = study.optuna.user_attrs["hpo:spec"]["study"]
    assert tree["training"]["batch_size"] == 100
    assert parse(tree) == study.spec
