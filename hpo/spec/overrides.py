"""`--set KEY=VALUE`: single keys of a study file, set from outside."""

import tomllib
from collections.abc import Iterable, Mapping
from copy import deepcopy
from typing import Any

from ..errors import UsageError, unknown

Tree = dict[str, Any]


def override(tree: Mapping[str, Any], assignments: Iterable[str]) -> Tree:
    """The tree of a study file with `training.epochs=5` and the like carried out, in their order, on a copy.

    Whether the keys and values are good is for `parse` to say. Raises UsageError when an assignment has no meaning.
    """
    changed = deepcopy(dict(tree))
    for assignment in assignments:
        text, equals, value = assignment.partition("=")
        path = text.strip().split(".")
        if not equals or not all(path):
            raise UsageError(f"--set takes KEY=VALUE, such as training.epochs=5, got '{assignment}'")
        _assign(changed, path, _value(value), assignment)
    return changed


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
    branch[_index(branch, last, assignment) if isinstance(branch, list) else last] = value


def _step(branch: Any, key: str, assignment: str) -> Any:
    if isinstance(branch, list):
        return branch[_index(branch, key, assignment)]
    return branch.setdefault(key, {})


def _index(items: list[Any], key: str, assignment: str) -> int:
    """Which item of an array a key means: its number, counted from 0, or its name."""
    names = [str(item.get("name", number)) if isinstance(item, dict) else str(number) for number, item in enumerate(items)]
    if key in names:
        return names.index(key)
    if key.isdecimal() and int(key) < len(items):
        return int(key)
    raise UsageError(f"--set {assignment}: {unknown('item', key, names)}")
