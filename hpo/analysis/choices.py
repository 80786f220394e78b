"""Choices of a parameter: which of them are one and the same, and how a reader tells them apart."""

import json
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


def _looks_like_another(choice: str) -> bool:
    return choice.strip().casefold() in _LIKE_OTHERS or choice.strip() != choice or choice[0] in "\"[{('" or _number(choice)


def _number(choice: str) -> bool:
    try:
        float(choice)
    except ValueError:
        return False
    return True
