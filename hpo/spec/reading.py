"""TOML in and out, with every fault of a file reported at once."""

import sys
import tomllib
from codecs import BOM_UTF8
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from ..errors import InvalidSpec, NotFound
from .lost import Lost
from .mending import draft
from .rules import faults_between
from .study import StudySpec


def load(path: Path) -> StudySpec:
    """Read a study file.

    Raises NotFound when there is no such file, InvalidSpec with all of its faults otherwise.
    """
    return parse(load_tree(path), str(path))


def load_tree(path: Path) -> dict[str, Any]:
    """The tree of a study file, before it is checked. Raises as `load` does."""
    try:
        content = path.read_bytes().removeprefix(BOM_UTF8)  # With which some editors begin a file.
    except FileNotFoundError:
        raise NotFound(f"no study file '{path}'") from None
    except OSError as error:
        raise InvalidSpec(str(path), [f"a study file must be readable, got: {error.strerror}"]) from None
    try:
        return tree(content.decode(), str(path))
    except UnicodeDecodeError as error:
        raise InvalidSpec(
            str(path), [f"a study file is UTF-8 text, got byte {content[error.start]:#04x} at {error.start}"]
        ) from None


def loads(text: str, source: str = "study file") -> StudySpec:
    """Read a study from TOML text; `source` names it in messages. Raises InvalidSpec."""
    return parse(tree(text, source), source)


def tree(text: str, source: str) -> dict[str, Any]:
    """TOML text as nested dictionaries. Raises InvalidSpec, with the line, when it is not TOML."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InvalidSpec(source, [f"not valid TOML: {error}"]) from None
    except RecursionError:
        raise InvalidSpec(source, ["not valid TOML: nested too deeply"]) from None
    except ValueError:  # That is Python's own limit.
        raise InvalidSpec(source, [f"a whole number has at most {sys.get_int_max_str_digits():,} digits"]) from None


Check = Callable[[StudySpec, Lost], Iterable[str]]
"""What is looked at besides the file's own rules: gives faults, each with its key."""


def parse(
    values: Mapping[str, Any], source: str = "study", checks: Iterable[Check] = (), besides: Iterable[str] = ()
) -> StudySpec:
    """Check the tree of a study file.

    Raises InvalidSpec with all of its faults: those `besides`, those of the sections and between them, those of the `checks`.
    """
    spec, found, lost = draft(values)
    faults = [*besides, *found]
    if spec is not None:
        faults += faults_between(spec, lost)
        for check in checks:
            faults += check(spec, lost)
    if faults or spec is None:
        raise InvalidSpec(source, list(dict.fromkeys(faults)))
    return spec


def as_stored(values: Mapping[str, Any], source: str) -> StudySpec:
    """The study of a stored tree: one that knows nothing of evidence was begun before there was any, and has none.

    Raises InvalidSpec.
    """
    return parse({**values, "search": {"evidence": 0, **values.get("search", {})}}, source)


def dump(spec: StudySpec) -> str:
    """The study as TOML text that reads back equal; keys at their default are left out."""
    import tomli_w

    return tomli_w.dumps(tree_of(spec))


def tree_of(spec: StudySpec) -> dict[str, Any]:
    """The study as the tree of its file; keys at their default are left out."""
    return spec.model_dump(mode="json", exclude_defaults=True, exclude_none=True)
