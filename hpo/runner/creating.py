"""Putting studies into a storage, finding them again, and taking them out."""

import shutil
import uuid
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import optuna
from optuna.exceptions import DuplicatedStudyError, ExperimentalWarning

from ..attributes import FOLDERS, SPEC, UID
from ..errors import NameTaken, NotFound, UsageError, study_command, unknown
from ..ownership import VERSION, Ownership
from ..search import check
from ..spec import FactorySpec, StudySpec
from ..spec.reading import as_stored
from ..storage import Database, explained
from ..training.importing import folders, look_in
from .stored import StoredStudy

LONGEST_NAME = 200


def create(database: Database, name: str, spec: StudySpec) -> StoredStudy:
    """A new study, whole or not at all.

    Raises NameTaken, UsageError when the name is none, InvalidSpec when the sampler or the pruner cannot be made.
    """
    check_name(name)
    check(spec, name)
    uid = uuid.uuid4().hex
    try:
        with explained(database.address), database.transaction():
            study = optuna.create_study(
                storage=database, study_name=name, directions=spec.search.directions, sampler=optuna.samplers.RandomSampler(0)
            )
            stored: dict[str, Any] = {SPEC: {"version": VERSION, "study": spec.model_dump(mode="json")}, UID: uid}
            if isinstance(spec.model, FactorySpec):
                stored[FOLDERS] = list(folders())
            for key, value in stored.items():
                study.set_user_attr(key, value)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", ExperimentalWarning)
                study.set_metric_names(list(spec.search.metrics))
    except DuplicatedStudyError:
        raise NameTaken(
            f"there is a study '{name}' in {database.address} already: "
            f"run it with `{study_command('run', name)}`, or give another --name"
        ) from None
    return StoredStudy(database, name, spec, uid, Ownership.of(stored))


def load(database: Database, name: str) -> StoredStudy:
    """The study of a name; from now on a factory of its user's is looked for where it was when the study was made.

    Raises NotFound with the nearest names, UsageError for a study that was not made by hpo or by a later version of it.
    """
    attributes = _attributes(database, name)
    if FOLDERS in attributes:
        look_in([*attributes[FOLDERS], str(Path.cwd())])
    return StoredStudy(database, name, as_stored(attributes[SPEC]["study"], name), attributes[UID], Ownership.of(attributes))


def _attributes(database: Database, name: str) -> Mapping[str, Any]:
    with explained(database.address):
        try:
            attributes = database.get_study_user_attrs(database.get_study_id_from_name(name))
        except KeyError:
            raise NotFound(_not_there(database, name)) from None
    if SPEC not in attributes:
        raise UsageError(
            f"study '{name}' was not made by hpo and has no study file, which this needs:"
            " `hpo study show`, `trials`, `export`, `report` and `hpo plot` take it as it is"
        )
    if attributes[SPEC]["version"] > VERSION:
        raise UsageError(f"study '{name}' was made by a later version of hpo: pip install --upgrade hpo-lanes")
    return attributes


def exists(study: StoredStudy) -> bool:
    """Whether a study is still in its storage, and not another one of its name. Raises StorageError."""
    try:
        return bool(_attributes(study.database, study.name)[UID] == study.uid)
    except (NotFound, UsageError):
        return False


def names(database: Database) -> list[str]:
    """Names of all studies of a storage."""
    with explained(database.address):
        return list(optuna.get_all_study_names(database))


def delete(database: Database, name: str) -> None:
    """Take a study out, with its trials and its files. Raises as `load` does."""
    study = load(database, name)
    with explained(database.address):
        try:
            optuna.delete_study(study_name=name, storage=database)
        except KeyError:  # Another process was faster.
            raise NotFound(_not_there(database, name)) from None
    shutil.rmtree(study.folder, ignore_errors=True)


def check_name(name: str) -> None:
    """Raise UsageError for what cannot be the name of a study."""
    if not name:
        raise UsageError("a study's name must not be empty, got '': give another --name, or leave --name out")
    if not name.isprintable() or name != name.strip() or len(name) > LONGEST_NAME:
        rule = f"a study's name has 1 to {LONGEST_NAME} printable characters and no space at its ends"
        raise UsageError(f"{rule}, got {name[:60]!r}: give another --name")


def _not_there(database: Database, name: str) -> str:
    known = names(database)
    return unknown("study", name, known) if known else f"no study '{name}': {database.address} holds none"
