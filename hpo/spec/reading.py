"""TOML in and out, with every fault of a file reported at once."""

import json
import sys
import tomllib
from codecs import BOM_UTF8
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from ..errors import InvalidSpec, NotFound, unknown
from ..section import Section
from ..space import Parameter
from .budget import Budget
from .data import DataSpec
from .final import FinalSpec
from .model import MODELS, NormalInit
from .options import SCHEDULES
from .search import ExecutionSpec, FindingSpec, Narrow, SearchSpec, StageSpec
from .study import StudySpec
from .training import TrainingSpec

_TAGS = {*MODELS, *SCHEDULES, "named", "normal", "int", "float", "bool", "str"}
"""Names that pydantic adds to a location to tell the members of a union apart."""


def load(path: Path) -> StudySpec:
    """Read a study file.

    Raises NotFound when there is no such file, InvalidSpec with all of its faults otherwise.
    """
    try:
        content = path.read_bytes().removeprefix(BOM_UTF8)  # With which some editors begin a file.
    except FileNotFoundError:
        raise NotFound(f"no study file '{path}'") from None
    except OSError as error:
        raise InvalidSpec(str(path), [f"a study file must be readable, got: {error.strerror}"]) from None
    try:
        return loads(content.decode(), str(path))
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


def parse(values: Mapping[str, Any], source: str = "study") -> StudySpec:
    """Check the tree of a study file. Raises InvalidSpec with all of its faults."""
    try:
        # Strict JSON: "5" is no number and 1 is no truth value, while a list is a good tuple and 1 a good float.
        return StudySpec.model_validate_json(json.dumps(values, default=str), strict=True)
    except ValidationError as error:
        told = [fault for detail in _of_their_own(error.errors()) for fault in _faults(detail)]
        raise InvalidSpec(source, list(dict.fromkeys(told))) from None


def dump(spec: StudySpec) -> str:
    """The study as TOML text that reads back equal; keys at their default are left out."""
    import tomli_w

    return tomli_w.dumps(tree_of(spec))


def tree_of(spec: StudySpec) -> dict[str, Any]:
    """The study as the tree of its file; keys at their default are left out."""
    return spec.model_dump(mode="json", exclude_defaults=True, exclude_none=True)


def _of_their_own(details: Sequence[ErrorDetails]) -> Iterator[ErrorDetails]:
    """Without what only follows from others: a list that faults have left empty, no whole number where no number is."""
    locations = {detail["loc"] for detail in details}
    inside = {location[:length] for location in locations for length in range(len(location))}
    for detail in details:
        *place, last = detail["loc"] or ("",)
        follows = detail["type"] == "too_short" and detail["loc"] in inside
        if not follows and (last != "int" or (*place, "float") not in locations):
            yield detail


def _faults(detail: ErrorDetails) -> Iterator[str]:
    key = ".".join(str(part) for part in detail["loc"] if part not in _TAGS or (part == detail["loc"][-1] and _is_key(detail)))
    match detail["type"]:
        case "extra_forbidden":
            section = ".".join(key.split(".")[:-1])
            kind = f"key of [{section}]" if section else "key"
            yield f"{key}: {unknown(kind, str(detail['loc'][-1]), _keys_at(detail['loc'][:-1]))}"
        case "missing":
            yield f"{key}: this key is required"
        case "value_error" if not detail["loc"]:
            yield from str(detail["ctx"]["error"]).split("\n")
        case "value_error":
            yield f"{key}: {detail['ctx']['error']}"
        case "union_tag_invalid":
            yield f"{key}: {unknown('name', str(detail['ctx']['tag']), _quoted(detail['ctx']['expected_tags']))}"
        case _:
            yield f"{key}: {_lower(detail['msg'])}, got {_short(detail['input'])}"


def _is_key(detail: ErrorDetails) -> bool:
    return detail["type"] in {"extra_forbidden", "missing"}


def _keys_at(location: tuple[int | str, ...]) -> list[str]:
    return sorted(_section_at(location).model_fields)


def _section_at(location: tuple[int | str, ...]) -> type[Section]:
    match location:
        case ():
            return StudySpec
        case ("model", str(tag)):
            return MODELS[tag]
        case ("model", _, "init", _):
            return NormalInit
        case ("training", "schedule", str(tag)):
            return SCHEDULES[tag]
        case ("space", _):
            return Parameter
        case ("stage", _, "narrow"):
            return Narrow
        case ("stage", _, "budget") | ("final", "budget"):
            return Budget
        case ("final", "schedule", str(tag)):
            return SCHEDULES[tag]
    return _SECTIONS[str(location[0])]


_SECTIONS: dict[str, type[Section]] = {
    "data": DataSpec, "training": TrainingSpec, "search": SearchSpec, "stage": StageSpec, "finding": FindingSpec,
    "final": FinalSpec, "execution": ExecutionSpec,
}  # fmt: skip


def _quoted(tags: str) -> list[str]:
    return [tag.strip("' ") for tag in tags.split(",")]


def _lower(message: str) -> str:
    return message[:1].lower() + message[1:]


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
