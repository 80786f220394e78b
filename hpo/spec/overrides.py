"""`--set KEY=VALUE`: single keys of a study file, set from outside."""

import tomllib
from collections.abc import Iterable, Mapping
from copy import deepcopy
from typing import Any

from ..errors import UsageError, unknown
from .budget import BUDGETS, drop_budget
from .reading import parse, tree_of
from .study import StudySpec

Tree = dict[str, Any]


def changed(spec: StudySpec, assignments: Iterable[str], source: str) -> StudySpec:
    """The study with `training.epochs=5` and the like carried out, in their order, and checked again.

    `source` names the study in messages. Raises InvalidSpec with the faults of the assignments and of the study that they make.
    """
    assignments = list(assignments)
    if not assignments:
        return spec
    tree, faults = override(tree_of(spec), assignments)
    return parse(tree, source, besides=faults)


def override(tree: Mapping[str, Any], assignments: Iterable[str]) -> tuple[Tree, list[str]]:
    """The tree of a study file with `training.epochs=5` and the like carried out, in their order, on a copy.

    Also gives the assignments that have no meaning, which are left out. Whether keys and values are good is for `parse` to say:
    an assignment may well mend a file that is not.
    """
    changed, faults = deepcopy(dict(tree)), []
    for assignment in assignments:
        text, equals, value = assignment.partition("=")
        path = text.strip().split(".")
        try:
            if not equals or not all(path):
                raise UsageError(f"--set takes KEY=VALUE, such as training.epochs=5, got '{assignment}'")
            _assign(changed, path, _value(value), assignment)
        except UsageError as fault:
            faults.append(str(fault))
    return changed, faults


def _value(text: str) -> Any:
    """A TOML value where the text is one, the text itself otherwise: a shell has taken the quotes away."""
    try:
        found = tomllib.loads(f"value = {text}")
    except (tomllib.TOMLDecodeError, RecursionError):
        return text.strip()
    return found["value"] if len(found) == 1 else text.strip()


def _assign(tree: Tree, path: list[str], value: Any, assignment: str) -> None:
    branch: Any = tree
    for depth, key in enumerate(path[:-1], start=1):
        branch = _step(branch, key, assignment)
        if not isinstance(branch, (dict, list)):
            before = ".".join(path[:depth])
            raise UsageError(f"--set {assignment}: {before} is {branch!r} and has no keys of its own; set {before} as a whole")
    last = path[-1]
    if last in BUDGETS and path[-2:-1] in (["training"], ["budget"]) and isinstance(branch, dict):
        drop_budget(branch)  # A study has one of them, so that to give one is to take back the other.
    branch[_index(branch, last, assignment) if isinstance(branch, list) else last] = value


def _step(branch: Any, key: str, assignment: str) -> Any:
    if isinstance(branch, list):
        return branch[_index(branch, key, assignment)]
    if key == "schedule" and isinstance(branch.get(key), str):
        branch[key] = {"name": branch[key]}  # Its short form.
    return branch.setdefault(key, {})


def _index(items: list[Any], key: str, assignment: str) -> int:
    """Which item of an array a key means: its number, counted from 0, or its name."""
    names = [str(item.get("name", number)) if isinstance(item, dict) else str(number) for number, item in enumerate(items)]
    if key in names:
        return names.index(key)
    if key.isdecimal() and int(key) < len(items):
        return int(key)
    raise UsageError(f"--set {assignment}: {unknown('item', key, names)}")
