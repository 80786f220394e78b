"""What pydantic finds wrong with a value, in plain words: the rule, the value received, the way out."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..errors import choices, unknown
from .model import MODELS

#: Types of fault by the rule that they break; its limits are in the context of the fault.
RULES: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "greater_than": lambda limit: f"must be above {limit['gt']:g}",
    "greater_than_equal": lambda limit: f"must be at least {limit['ge']:g}",
    "less_than": lambda limit: f"must be below {_whole(limit['lt'])}",
    "less_than_equal": lambda limit: f"must be at most {_whole(limit['le'])}",
    "finite_number": lambda limit: "must be a finite number",
    "too_long": lambda limit: f"must have {limit['max_length']} entries, not {limit['actual_length']}",
    "too_short": lambda limit: (
        "must not be empty" if limit["min_length"] == 1 else f"must have {limit['min_length']} or more entries"
    ),
    "string_too_short": lambda limit: "must not be empty",
}

_TYPES = {
    "a whole number": ("int_type", "int_parsing", "int_from_float", "int_parsing_size"),
    "a number": ("float_type", "float_parsing"),
    "true or false": ("bool_type", "bool_parsing"),
    "text in quotes": ("string_type",),
    "a list in square brackets": ("list_type", "tuple_type"),
    "a table of keys": ("dict_type", "model_type", "model_attributes_type"),
}
KINDS = {name: kind for kind, names in _TYPES.items() for name in names}

#: Keys whose type says too little.
SHAPES: Mapping[str, str] = {
    "hidden": "a whole number or a list of them, such as 32 or [32, 64]",
    "shape": "three whole numbers, [channels, height, width]",
    "box": "two numbers, [low, high]",
    "choices": "a list such as [32, 64]",
    "values": "a list of numbers such as [0.1, 0.2]",
    "stage": "one or more sections [[stage]], in double brackets",
    "finding": "sections [[finding]], in double brackets",
    "init": "a word in quotes, he, glorot or lecun, or a table such as { std = 0.01 }",
    "schedule": "a name in quotes such as 'cosine', or a table such as { name = 'exponential', decay = 0.9 }",
    "budget": "a table such as { epochs = 5 }",
    "space": "a table such as { low = 0.01, high = 0.1 } or { choices = [1, 2] }",
}
_UNSHAPED = {"list_type", "tuple_type", "too_long", "dict_type", "model_type", "model_attributes_type"}

PATTERNS: Mapping[str, str] = {
    "name": "must be of a-z, 0-9 and -, and begin with a letter or a digit",
    "factory": "must be 'package.module:function'",
}


def plain(details: Sequence[Mapping[str, Any]]) -> str:
    """What is wrong with one value; several details where it may be one of several types."""
    detail = next((each for each in details if each["type"] == "finite_number"), details[0])
    value = detail["input"]
    keys = [str(part) for part in detail["loc"]]
    kind, context = str(detail["type"]), detail.get("ctx", {})
    kinds = [KINDS[str(each["type"])] for each in details if str(each["type"]) in KINDS]
    near = next((SHAPES[key] for key in (keys[-1:] + keys[-2:-1]) if key in SHAPES), "") if keys else ""
    if near and kind in _UNSHAPED:
        return f"must be {near}, got {short(value)}"
    if kind == "literal_error":
        return _one_of(keys[-1] if keys else "value", str(context["expected"]), value)
    if kind == "string_pattern_mismatch":
        rule = next((PATTERNS[key] for key in reversed(keys) if key in PATTERNS), f"must match {context['pattern']}")
        return f"{rule}, got {short(value)}"
    if kind == "value_error":
        return str(context["error"])
    if kind in RULES:
        return f"{RULES[kind](context)}, got {short(value)}"
    if kinds:
        wanted = list(dict.fromkeys(kinds))
        if "a number" in wanted and "a whole number" in wanted:
            wanted.remove("a whole number")
        return f"must be {listed(wanted)}, got {short(value)}"
    return f"{str(detail['msg'])[:1].lower()}{str(detail['msg'])[1:]}, got {short(value)}"


def _one_of(key: str, expected: str, value: Any) -> str:
    known = words(expected.replace(" or ", ", "))
    besides = ", or a word such as normal(0.01)" if key == "init" else ""
    return f"{unknown(key, value, known) if isinstance(value, str) else f'must be {choices(known)}, got {short(value)}'}{besides}"


def words(text: str) -> list[str]:
    """The words of a list of pydantic's: 'a', 'b'."""
    return [each.strip("' ") for each in text.split(",")]


def listed(kinds: Sequence[str]) -> str:
    """'a number', 'a number or text in quotes', 'true or false, a number or text in quotes'."""
    return " or ".join([*([", ".join(kinds[:-1])] if kinds[1:] else []), kinds[-1]])


def network(tree: Any) -> str:
    """What is wrong with a [model] that names none of the networks."""
    way = "or give factory = 'package.module:function'"
    known = sorted(set(MODELS) - {"factory"})
    if not isinstance(tree, dict):
        return f"must be a table with the name of a network, {', '.join(known)}, {way}, got {short(tree)}"
    if "name" not in tree:
        return f"name is required: {', '.join(known)}, {way}"
    return f"{unknown('network', str(tree['name']), known)}, {way}"


def short(value: Any) -> str:
    """A value as it is written in a study file, cut where it is long."""
    text = {True: "true", False: "false"}[value] if isinstance(value, bool) else repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _whole(limit: float) -> str:
    return str(limit) if isinstance(limit, int) else f"{limit:g}"
