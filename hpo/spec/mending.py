"""A study file with faults, read as far as it goes: what is wrong is told and gets a stand-in, so that the rest is checked.

No rule that concerns a replaced key is put to the stand-in: a file's faults are told, and nothing that only follows from them.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from copy import deepcopy
from difflib import get_close_matches
from itertools import groupby
from typing import Any, NamedTuple

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from ..errors import unknown
from .lost import Lost, Place
from .model import MODELS
from .options import SCHEDULES
from .sections import keys_at
from .study import StudySpec
from .wording import network, plain, words

TAGS = {*MODELS, *SCHEDULES, "named", "normal", "int", "float", "bool", "str"}
"""Names that pydantic adds to a location to tell the members of a union apart."""

_SPACE = {"stand-in": {"option": "learning_rate", "low": 0.001, "high": 1.0}}
_STAGE = {"name": "stand-in", "trials": 1}
_CLAIM = {"claim": "-", "test": {"kind": "-"}}
STAND_INS: Mapping[Place, Any] = {
    ("title",): "-", ("data",): {"name": "digits"}, ("data", "name"): "digits", ("model",): {"name": "linear"},
    ("model", "factory"): "stand:in", ("space",): _SPACE, ("stage",): [_STAGE], ("stage", 0): _STAGE, ("finding", 0): _CLAIM,
    **{("stage", 0, key): value for key, value in _STAGE.items()},
    **{("finding", 0, key): value for key, value in _CLAIM.items()}, ("finding", 0, "test", "kind"): "-",
}  # fmt: skip
"""What takes the place of a key that must be there; 0 stands for any place in a list."""

MOST_ROUNDS = 50


class Draft(NamedTuple):
    """What could be read of a study file."""

    spec: StudySpec | None
    """With stand-ins for what is wrong; None where nothing helps."""
    faults: tuple[str, ...]
    lost: Lost
    """Keys that hold stand-ins, or nothing."""


def draft(values: Mapping[str, Any]) -> Draft:
    """Check every section of the tree of a study file by itself; the rules between them are for `rules`."""
    # Strict JSON: "5" is no number and 1 is no truth value, while a list is a good tuple and 1 a good float.
    tree = json.loads(json.dumps(values, default=str))
    faults: list[str] = []
    lost: set[Place] = set()
    for _ in range(MOST_ROUNDS):
        try:
            spec = StudySpec.model_validate_json(json.dumps(tree), strict=True, context={"draft": True})
        except ValidationError as error:
            before = deepcopy(tree), set(lost)
            found = list(_by_place(tree, error.errors()))
            faults += (fault for place, details in found for fault in _told(place, details, tree, lost))
            for place, details in found:
                with suppress(KeyError, IndexError, TypeError):  # With another fault, what held this one has gone.
                    _mend(tree, place, details[0], lost)
            if (tree, lost) == before:
                return Draft(None, tuple(dict.fromkeys(faults)), Lost(frozenset(lost)))
        else:
            return Draft(spec, tuple(dict.fromkeys(faults)), Lost(frozenset(lost)))
    return Draft(None, tuple(dict.fromkeys(faults)), Lost(frozenset(lost)))


def _by_place(tree: Any, details: Sequence[ErrorDetails]) -> Iterator[tuple[Place, list[ErrorDetails]]]:
    """The details of each place together: a value that may be of several types has one for each."""
    placed = [(_place(tree, detail), detail) for detail in details]
    empty = {place for place, detail in placed if detail["type"] == "too_short"}
    # A list that faults have left empty is none that is too short.
    follows = {place for place in empty if any(other[: len(place)] == place and other != place for other, _ in placed)}
    follows |= set(_meant(tree, placed))
    for place, group in groupby(placed, key=lambda each: each[0]):
        if place not in follows:
            yield place, [detail for _, detail in group]


def _meant(tree: Any, placed: Sequence[tuple[Place, ErrorDetails]]) -> Iterator[Place]:
    """Keys that misspelt ones stand for: these are not missing."""
    for place, detail in placed:
        if detail["type"] == "extra_forbidden":
            yield from ((*place[:-1], near) for near in get_close_matches(str(place[-1]), keys_at(tree, place[:-1]), n=1))


def _place(tree: Any, detail: ErrorDetails) -> Place:
    """The keys of the file that lead to a fault, without pydantic's own."""
    found: list[str | int] = []
    branch, last = tree, len(detail["loc"]) - 1
    for number, part in enumerate(detail["loc"]):
        tagged = part in TAGS and number > 0 and detail["loc"][number - 1] in {"model", "schedule", "init"}
        if not tagged and isinstance(branch, dict) and part in branch:
            branch = branch[str(part)]
        elif isinstance(branch, list) and isinstance(part, int) and part < len(branch):
            branch = branch[part]
        elif tagged or not (number == last and detail["type"] == "missing"):
            continue
        found.append(part)
    return tuple(found)


def _told(place: Place, details: Sequence[ErrorDetails], tree: Any, lost: set[Place]) -> Iterator[str]:
    detail, key = details[0], ".".join(map(str, place))
    if Lost(frozenset(lost)).under(place) and detail["type"] != "value_error":
        return
    match detail["type"]:
        case "extra_forbidden":
            section = ".".join(map(str, place[:-1]))
            kind = f"key of [{section}]" if section else "key"
            yield f"{key}: {unknown(kind, str(place[-1]), keys_at(tree, place[:-1]))}"
        case "missing" if isinstance(place[-1], int):
            parent = ".".join(map(str, place[:-1]))
            yield f"{parent}: {plain([{**detail, 'type': 'tuple_type', 'loc': place[:-1], 'input': _at(tree, place[:-1])}])}"
        case "missing":
            yield f"{key}: this key is required"
        case "value_error":
            for fault in str(detail["ctx"]["error"]).split("\n"):
                if not _speaks_of_lost(fault, place, lost):
                    yield f"{key}: {fault}" if key else fault
        case "union_tag_invalid":
            yield f"{key}: {unknown('name', str(detail['ctx']['tag']), words(detail['ctx']['expected_tags']))}"
        case "union_tag_not_found":
            yield f"{key}.name: this key is required"
        case "model_name":
            yield f"{key}: {network(_at(tree, place))}"
            yield from _of_no_network(_at(tree, place))
        case _:
            yield f"{key}: {plain([{**each, 'loc': place} for each in details])}"


def _of_no_network(section: Any) -> Iterator[str]:
    """Keys that no network has, where nothing tells which one is meant."""
    known = sorted({name for model in MODELS.values() for name in model.model_fields})
    if isinstance(section, dict) and _network_meant(section) is None:
        yield from (f"model.{key}: {unknown('key of [model]', key, known)}" for key in section if key not in known)


def _speaks_of_lost(fault: str, place: Place, lost: set[Place]) -> bool:
    """Whether a rule of a section names a key that holds a stand-in."""
    names = {str(each[len(place)]) for each in lost if len(each) > len(place) and each[: len(place)] == place}
    return any(word in names for word in re.findall(r"\w+", fault))


def _mend(tree: Any, place: Place, detail: ErrorDetails, lost: set[Place]) -> None:
    match detail["type"]:
        case "extra_forbidden":
            _rename(_at(tree, place[:-1]), str(place[-1]), keys_at(tree, place[:-1]), place[:-1], lost)
        case "value_error":
            _take_out_named(tree, place, str(detail["ctx"]["error"]), lost)
        case "union_tag_invalid" | "model_name":
            _nearest_name(tree, place, lost)
        case _:
            _take_out(tree, place, lost)


def _rename(section: dict[str, Any], key: str, known: Sequence[str], place: Place, lost: set[Place]) -> None:
    """Read a misspelt key as the one that was meant: what it holds may be wrong too."""
    value = section.pop(key)
    near = get_close_matches(key, known, n=1)
    if near and near[0] not in section:
        section[near[0]] = value
        lost |= set() if isinstance(value, (dict, list)) else {(*place, near[0])}


def _take_out_named(tree: Any, place: Place, message: str, lost: set[Place]) -> None:
    """Take the keys out that a rule of a section speaks of; the section where that is no help."""
    section = _at(tree, place)
    named = [key for key in section if key in re.findall(r"\w+", message)] if isinstance(section, dict) else []
    if place[:1] == ("space",) and len(place) == 2:
        named = [key for key in section if key != "option"]
    for key in named:
        _take_out(tree, (*place, key), lost)
    if not named:
        _take_out(tree, place, lost)


def _nearest_name(tree: Any, place: Place, lost: set[Place]) -> None:
    section = _at(tree, place)
    meant = None
    if isinstance(section, dict):
        near = get_close_matches(str(section.get("name")), SCHEDULES, n=1)
        meant = _network_meant(section) if place == ("model",) else near[0] if near else None
    if meant is None:
        _take_out(tree, place, lost)
    else:
        section["name"] = meant
        lost.add((*place, "name"))


def _network_meant(section: Mapping[str, Any]) -> str | None:
    """The network of the nearest name, else the only one that has the keys which networks have; None: nobody can tell."""
    networks = {name: set(model.model_fields) for name, model in MODELS.items() if name != "factory"}
    near = get_close_matches(str(section.get("name")), networks, n=1)
    keys = set(section) & set().union(*networks.values()) - {"name"}
    having = [name for name, fields in networks.items() if keys and keys <= fields]
    return near[0] if near else having[0] if len(having) == 1 else None


def _take_out(tree: Any, place: Place, lost: set[Place]) -> None:
    """Take a key out, or put its stand-in there; its section where it may not be left out."""
    if not place:
        return
    parent, again = _at(tree, place[:-1]), place in lost
    lost.add(place)
    anywhere = tuple(0 if isinstance(part, int) else part for part in place)
    if place[0] == "space" and len(place) in (2, 3) and isinstance(_at(tree, place[:2]), dict):
        _stand_in_range(_at(tree, place[:2]), place)
    elif place[0] == "space" and len(place) == 2:
        parent[place[1]] = {"low": 1, "high": 2}
    elif anywhere in STAND_INS:
        parent[place[-1]] = deepcopy(STAND_INS[anywhere])
    elif isinstance(parent, dict) and place[-1] in parent and not again:
        del parent[place[-1]]
    else:
        _take_out(tree, place[:-1], lost)


def _stand_in_range(parameter: dict[str, Any], place: Place) -> None:
    """Ends that fit what is right of a parameter."""
    for key in place[2:] or tuple(set(parameter) - {"option"}):
        parameter.pop(str(key), None)
    if "values" in parameter or "choices" in parameter:
        return
    low, high = parameter.get("low"), parameter.get("high")
    if low is None:
        parameter["low"] = (high / 2 if high > 0 else high - 1) if isinstance(high, (int, float)) else 1
    if high is None:
        parameter["high"] = low + 1 if isinstance(low, (int, float)) else parameter["low"] + 1


def _at(tree: Any, place: Place) -> Any:
    for part in place:
        tree = tree[part]
    return tree
