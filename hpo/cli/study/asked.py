"""What STUDY and the options beside it stand for."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...attributes import SPEC
from ...errors import DataUnavailable, InvalidSpec, NameTaken, NotFound, UsageError
from .comparing import differences, other_settings

if TYPE_CHECKING:
    from ...runner import StoredStudy
    from ...spec import StudySpec
    from ...spec.reading import Check
    from ...storage import Database


@dataclass(frozen=True, slots=True)
class Asked:
    """A study as the user asked for it: STUDY, and the options that change its file."""

    study: str
    storage: str
    name: str | None = None
    data: str | None = None
    assignments: tuple[str, ...] = ()
    """`KEY=VALUE`, in the order in which they are carried out."""
    trial: int | None = None
    """Of the stored study STUDY, whose setting is to be trained again in a study of its own."""

    @property
    def stored_name(self) -> str:
        """The name that the study has in the storage."""
        if self.name is not None:
            return self.name
        return stem(self.study) if self.trial is None else f"{stem(self.study)}-trial-{self.trial}"

    def applied(self, spec: "StudySpec") -> "StudySpec":
        """The study with the options carried out. Raises InvalidSpec."""
        from ...spec.overrides import changed

        if self.data is not None:
            spec = spec.model_copy(update={"data": spec.data.using(self.data)})
        return changed(spec, self.assignments, self.study)

    def fresh(self, stored: Iterable[str] = ()) -> "StudySpec":
        """A new study. Raises NotFound, with the nearest of the built-ins and of `stored`, InvalidSpec and DataUnavailable."""
        return self.checked(self._tree(stored))

    def _tree(self, stored: Iterable[str] = ()) -> "dict[str, Any]":
        """The tree of the study file, before the options are carried out."""
        from ... import catalog
        from ...runner.again import again

        if self.trial is None:
            return catalog.tree(self.study, stored)
        return again(stored_study(self.study, self.storage), self.trial)

    def checked(self, tree: "Mapping[str, Any]") -> "StudySpec":
        """The study of a file's tree, with the options carried out before anything is checked.

        Raises InvalidSpec with all faults of the file and of the options, DataUnavailable where only its images are not known.
        """
        from .checks import CHECKS, no_images

        changed, faults = self._changed(tree)
        images = no_images(changed)
        try:
            spec = self._parsed(changed, faults, CHECKS)
        except InvalidSpec as error:
            raise InvalidSpec(self.study, [*error.faults, *([f"data.name: {images}"] if images else [])]) from None
        if images and not _is_path(spec.data.name):  # What is not here may well lie on the machine that the study is for.
            raise DataUnavailable(images)
        self._look_for_factory(spec)
        return spec

    def _look_for_factory(self, spec: "StudySpec", stored: Iterable[str] = ()) -> None:
        """A factory of the user's lies where the study file lies, where it lay when the study was stored, or where we are."""
        from ... import catalog
        from ...spec import FactorySpec
        from ...training.importing import look_in

        if isinstance(spec.model, FactorySpec):
            beside = [str(Path(self.study).resolve().parent)] if catalog.is_file(self.study) else []
            look_in([*beside, *stored, str(Path.cwd())])

    def _changed(self, tree: "Mapping[str, Any]") -> "tuple[dict[str, Any], list[str]]":
        from ...spec.data import on_other_images
        from ...spec.overrides import override

        return override(tree if self.data is None else on_other_images(tree, self.data), self.assignments)

    def _parsed(self, tree: "Mapping[str, Any]", faults: Iterable[str], checks: "Iterable[Check]" = ()) -> "StudySpec":
        from ...spec import parse

        return parse(tree, self.study, checks, faults)

    def resume(self, database: "Database") -> "StoredStudy":
        """The stored study of that name. Raises UsageError when a file or an option asks for other settings than it has."""
        from ... import runner
        from ...training.importing import folders

        stored = runner.load(database, self.stored_name)
        from_scratch = self.study != stored.name
        asked = self._parsed(*self._changed(self._tree())) if from_scratch else self.applied(stored.spec)
        found = list(differences(stored.spec, _without_evidence(stored, asked)))
        if found:
            raise UsageError(other_settings(stored.name, found))
        self._look_for_factory(stored.spec, folders())
        return stored


def _without_evidence(stored: "StoredStudy", asked: "StudySpec") -> "StudySpec":
    """What is asked of a study that was begun before there was evidence: a file that leaves it open asks for none."""
    begun = stored.optuna.user_attrs[SPEC]["study"].get("search", {})
    if "evidence" in begun or asked.search.evidence != "auto":
        return asked
    return asked.model_copy(update={"search": asked.search.model_copy(update={"evidence": stored.spec.search.evidence})})


def _is_path(name: str) -> bool:
    from ...data.source import is_path

    return is_path(name)


def assignments(settings: Iterable[str] | None, **options: Any) -> tuple[str, ...]:
    """Options that stand for a key as `KEY=VALUE` (`execution__lanes` is `execution.lanes`), then those of --set."""
    given = (f"{key.replace('__', '.')}={value}" for key, value in options.items() if value is not None)
    return (*given, *(settings or ()))


def stem(study: str) -> str:
    """The name of a study: that of its file, without .toml, where STUDY is a path."""
    from ... import catalog

    return Path(study).stem if catalog.is_file(study) else study


@dataclass(frozen=True, slots=True)
class Found:
    """The study that was asked for: a stored one, or one that can be stored."""

    asked: Asked
    spec: "StudySpec"
    stored: "StoredStudy | None"

    def stored_or_new(self) -> "StoredStudy":
        """The study in the storage; put there now, in a new storage where there is none, if need be.

        Raises UsageError when a name is none, or when another run has just taken it for a study with other settings.
        """
        if self.stored is not None:
            return self.stored
        try:
            return create(self.asked, self.spec)
        except NameTaken:
            return self._join()

    def _join(self) -> "StoredStudy":
        """The study that another run has made since this one looked."""
        from ... import runner
        from ...storage import connect

        stored = runner.load(connect(self.asked.storage, "write"), self.asked.stored_name)
        if found := list(differences(stored.spec, self.spec)):
            raise UsageError(other_settings(stored.name, found))
        return stored


def find(asked: Asked) -> Found:
    """The stored study of that name where there is one, else what it would be. Changes nothing."""
    from ... import runner
    from ...runner.creating import check_name
    from ...storage import check, connect

    check(asked.storage, "create")
    check_name(asked.stored_name)
    try:
        database = connect(asked.storage, "write")
    except NotFound:
        return Found(asked, asked.fresh(), None)
    names = runner.names(database)
    if asked.stored_name not in names:
        return Found(asked, asked.fresh(names), None)
    stored = asked.resume(database)
    return Found(asked, stored.spec, stored)


def create(asked: Asked, spec: "StudySpec") -> "StoredStudy":
    """Store a new study, in a new storage where there is none. Raises UsageError when its name is taken."""
    from ... import runner
    from ...storage import connect

    return runner.create(connect(asked.storage, "create"), asked.stored_name, spec)


def stored_study(study: str, storage: str, *, write: bool = False) -> "StoredStudy":
    """A stored study by its name. Raises NotFound, which also tells when STUDY is a built-in that was never run here."""
    from ... import catalog, runner
    from ...storage import connect

    try:
        return runner.load(connect(storage, "write" if write else "read"), stem(study))
    except NotFound as error:
        near = get_close_matches(study, catalog.names(), n=1)
        if not near:
            raise
        raise NotFound(f"{error}\n`hpo study run {near[0]}` begins the built-in study of that name") from error
