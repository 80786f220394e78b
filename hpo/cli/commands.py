"""The tree of commands, searched for the one that was meant."""

import shlex
from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any

from ..errors import choices

NEAR = 0.8
"""How like a command of the same group must be to be the one that was meant: nearer than one of another group need be."""


def unknown_command(name: str, context: Any) -> str:
    """The message for a command that is not there: the one of that name in another group, the nearest one, or all."""
    told = f"unknown command '{name}'"
    meant = _meant(name, context)
    if meant:
        return f"{told}: did you mean {' or '.join(f'`{each}`' for each in meant)}?"
    return f"{told}: it must be {choices(context.command.commands)}"


def _meant(name: str, context: Any) -> list[str]:
    here = get_close_matches(name, context.command.commands, n=1, cutoff=NEAR)
    if here:
        return [f"{context.command_path} {here[0]}"]
    if _is_study(name):
        return [f"hpo study run {shlex.quote(name)}"]
    root = context.find_root()
    paths = list(_paths(root.command, str(root.command_path)))
    near = get_close_matches(name, {path.split()[-1] for path in paths}, n=1)
    return [path for path in paths if path.split()[-1] in near]


def _paths(command: Any, path: str) -> Iterator[str]:
    """Every command below a group, in the order of the help."""
    for name, below in getattr(command, "commands", {}).items():
        yield f"{path} {name}"
        yield from _paths(below, f"{path} {name}")


def _is_study(name: str) -> bool:
    from .. import catalog

    return name in catalog.names() or name.endswith(".toml")
