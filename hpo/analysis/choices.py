"""Choices of a parameter: which of them are one and the same, and how a reader tells them apart."""

import json
from collections.abc import Sequence
from typing import Any

_LIKE_OTHERS = frozenset({"", "none", "null", "true", "false"})


def identity(choice: Any) -> str:
    """The choice as JSON: None, "None", 0, 0.0, "0" and False are six choices, and lists can be looked up by it."""
    return json.dumps(choice, sort_keys=True, default=repr)


def text(choice: Any) -> str:
    """What a reader sees of a choice: a text as it is, but in quotation marks where it would be taken for another type."""
    if isinstance(choice, str):
        return json.dumps(choice, ensure_ascii=False) if _looks_like_another(choice) else choice
    if isinstance(choice, (list, tuple, dict)):
        return json.dumps(choice, ensure_ascii=False, default=repr)
    return str(choice)


def texts(choices: Sequence[Any]) -> tuple[str, ...]:
    """The same of all choices of a parameter: numbers to 4 digits, where these tell them apart."""
    found = tuple(map(_short, choices))
    return found if len(set(found)) == len(found) else tuple(map(text, choices))


def _short(choice: Any) -> str:
    return f"{choice:.4g}" if isinstance(choice, float) and float(f"{choice:.4g}") != choice else text(choice)


def _looks_like_another(choice: str) -> bool:
    return choice.strip().casefold() in _LIKE_OTHERS or choice.strip() != choice or choice[0] in "\"[{('" or _number(choice)


def _number(choice: str) -> bool:
    try:
        float(choice)
    except ValueError:
        return False
    return True
