"""What a user's network returns, read as scores: one for each class of each image."""

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from torch import Tensor

from ..errors import UsageError

LOGITS = "logits"


def scores(output: object, images: int, classes: int) -> Tensor:
    """The scores (images, classes) in the output of a network.

    That is a tensor of this shape; in a tuple, list, dictionary or object the one named `logits`, else the only one of it.
    Raises UsageError when there is none, or more than one.
    """
    if isinstance(output, Tensor):
        found = [output]
    else:
        named = dict(_members(output))
        found = [named[LOGITS]] if LOGITS in named else [each for each in named.values() if _fits(each, images, classes)]
    if len(found) == 1 and _fits(found[0], images, classes):
        only: Tensor = found[0]
        return only
    raise UsageError(
        f"a network returns one score for each class, a tensor of ({images}, {classes}) for {_counted(images, 'image')} and"
        f" {_counted(classes, 'class', 'classes')}, got {described(output)}: {_way_out(output, images, classes)}"
    )


def _way_out(output: object, images: int, classes: int) -> str:
    if not isinstance(output, Tensor):
        return "return the scores alone, or name them 'logits'"
    if not output.is_floating_point():
        return "return the scores, and not which of them is the highest"
    if output.dim() > 2:
        return "flatten what the last layer gives"
    if tuple(output.shape) == (classes, images):
        return "let the images come first"
    return "let its last layer have as many outputs as `classes`, the second argument of the factory, says"


def _fits(member: object, images: int, classes: int) -> bool:
    return isinstance(member, Tensor) and tuple(member.shape) == (images, classes) and member.is_floating_point()


def _members(output: object) -> Iterator[tuple[str, Any]]:
    """The parts of an output by name, or by place."""
    if isinstance(output, Mapping):
        yield from ((str(name), value) for name, value in output.items())
    elif isinstance(output, tuple) and hasattr(output, "_fields"):
        yield from zip(output._fields, output, strict=True)
    elif isinstance(output, tuple | list):
        yield from ((str(place), value) for place, value in enumerate(output))
    elif is_dataclass(output):
        yield from ((field.name, getattr(output, field.name)) for field in fields(output))
    elif hasattr(output, LOGITS):
        yield LOGITS, getattr(output, LOGITS)


def described(output: object) -> str:
    """An output in words: the shape of a tensor, the parts of what holds several."""
    if isinstance(output, Tensor):
        kind = "" if output.is_floating_point() else f" of {str(output.dtype).removeprefix('torch.')}"
        return f"a tensor of {tuple(output.shape)}{kind}"
    parts = [
        f"{name}: {described(value) if isinstance(value, Tensor) else type(value).__name__}" for name, value in _members(output)
    ]
    return f"a {type(output).__name__} ({', '.join(parts)})" if parts else f"a {type(output).__name__}"


def _counted(number: int, one: str, many: str | None = None) -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"
