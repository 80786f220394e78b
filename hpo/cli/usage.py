"""Typer's faults in words: the rule, the value received, and where to read more."""

from typing import Any


def explained(error: Exception) -> str:
    """The message for a wrong command, option or argument; empty where the help has been printed instead."""
    message = str(getattr(error, "format_message", error.__str__)())
    if not message.strip():
        return ""
    errors = getattr(error.__cause__, "errors", None)
    if errors is not None:
        message = _with_value(message.partition(": ")[0], errors()[0])
    context = getattr(error, "ctx", None)
    return message if context is None else f"{message}\nsee: {context.command_path} --help"


def _with_value(option: str, fault: dict[str, Any]) -> str:
    """A fault that pydantic found, which Typer words without the value."""
    rule = str(fault["msg"]).removeprefix("Value error, ").rstrip(".")
    value = repr(str(fault["input"]))
    return f"{option}: {rule}" if value in rule else f"{option}: {rule[:1].lower()}{rule[1:]}, got {value}"
