"""Built-in studies: names to the study files that are installed with hpo."""

from collections.abc import Iterable
from importlib import resources
from pathlib import Path
from typing import Any

from .errors import NotFound, UsageError, unknown
from .spec import StudySpec, loads, parse
from .spec.reading import load_tree
from .spec.reading import tree as tree_of_text

_PACKAGE = "hpo.studies"


def names() -> list[str]:
    """Names of the built-in studies, in alphabetical order."""
    files = resources.files(_PACKAGE).iterdir()
    return sorted(file.name.removesuffix(".toml") for file in files if file.name.endswith(".toml"))


def builtin(name: str) -> StudySpec:
    """The built-in study of a name. Raises NotFound with the nearest names."""
    return loads(text(name), name)


def text(name: str) -> str:
    """The study file of a built-in study, as it is written. Raises NotFound with the nearest names."""
    if name not in names():
        raise NotFound(unknown("study", name, names()))
    return (resources.files(_PACKAGE) / f"{name}.toml").read_text(encoding="utf-8")


def is_file(study: str) -> bool:
    """Whether a STUDY argument means the path of a study file: it ends in .toml, or there is such a file."""
    return study.endswith(".toml") or (study not in names() and _exists(study))


def resolve(study: str, also: Iterable[str] = ()) -> StudySpec:
    """The study that a STUDY argument means: the path of a study file, or the name of a built-in.

    Raises NotFound, with the nearest of the built-ins and of the names in `also`, and InvalidSpec.
    """
    return parse(tree(study, also), study)


def tree(study: str, also: Iterable[str] = ()) -> dict[str, Any]:
    """The tree of the study file that a STUDY argument means, before it is checked. Raises as `resolve` does."""
    if not study or "\0" in study:
        raise UsageError(f"a study is a name or the path of a study file, got {study!r}")
    if is_file(study):
        return load_tree(Path(study))
    if study not in names():
        raise NotFound(f"{unknown('study', study, {*names(), *also})}, or the path of a study file")
    return tree_of_text(text(study), study)


def _exists(study: str) -> bool:
    try:
        return Path(study).is_file()
    except (OSError, ValueError):  # Too long for a path, or with a NUL in it.
        return False
