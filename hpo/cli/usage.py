"""Typer's faults in words: the rule, the value received, and where to read more."""

import re
from typing import Any

from .commands import unknown_command

_REWORDED = {
    r"Invalid value for '(.*?)': (.*?)\.?": "{0}: {1}",
    r"Missing argument '(.*)'\.": "{0} is missing",
    r"Missing option '(.*)'\.": "the option {0} is missing",
}
"""Typer's own words, and ours."""


def explained(error: Exception) -> str:
    """The message for a wrong command, option or argument; empty where the help has been printed instead."""
    message = str(getattr(error, "format_message", error.__str__)())
    if not message.strip():
        return ""
    context = getattr(error, "ctx", None)
    errors = getattr(error.__cause__, "errors", None)
    if errors is not None:
        option = message.partition(": ")[0].removeprefix("Invalid value for ").replace("' / '", " or ").strip("'")
        message = _with_value(option, errors()[0])
    elif found := re.match(r"No such command '(.*)'\.", message, re.DOTALL):
        message = unknown_command(found[1], context)
    else:
        message = _reworded(message)
    return message if context is None else f"{message}\nsee: {context.command_path} --help"


def _with_value(option: str, fault: dict[str, Any]) -> str:
    """A fault that pydantic found, which Typer words without the value."""
    from ..spec.wording import plain

    told = plain([{**fault, "loc": (), "input": str(fault["input"])}])
    value = repr(str(fault["input"]))
    return f"{option}: {told}" if value in told else f"{option}: {told}, got {value}"


def _reworded(message: str) -> str:
    for pattern, words in _REWORDED.items():
        if found := re.fullmatch(pattern, message, re.DOTALL):
            return words.format(*(part.replace("' / '", " or ") for part in found.groups("")))
    if found := re.fullmatch(r"No such option: (\S+)(?: \(Possible options: (.*)\))?", message):
        near = found[2].split(", ") if found[2] else []
        return f"unknown option '{found[1]}'" + (f": did you mean {' or '.join(near)}?" if near else "")
    return message
