"""Options of samplers and pruners, and classes of the user's own."""

import warnings
from collections.abc import Callable, Collection, Mapping
from importlib import import_module
from typing import Any, TypeVar

from optuna.exceptions import ExperimentalWarning

from ..errors import UsageError, choices, unknown

T = TypeVar("T")


def build(key: str, make: Callable[..., T], options: Mapping[str, Any], known: Collection[str] | None, **fixed: Any) -> T:
    """An object from the options of a study file; `key` is the section's, for messages.

    Raises UsageError for options that are not known (where `known` names them) or that the object refuses.
    """
    strange = [name for name in options if known is not None and name not in known]
    if strange:
        told = (unknown("option", name, known) if known else "there are no options here" for name in strange)
        raise UsageError("\n".join(f"{key}.{name}: {fault}" for name, fault in zip(strange, told, strict=True)))
    try:
        with warnings.catch_warnings():
            # The user asked for it by name; that Optuna may still change its interface is ours to follow.
            warnings.simplefilter("ignore", ExperimentalWarning)
            return make(**fixed, **options)
    except (TypeError, ValueError, AssertionError) as error:
        raise UsageError(f"{key}: {' '.join(str(error).split())}") from None


def find(key: str, path: str, base: type[T]) -> type[T]:
    """The class at 'package.module:Class'. Raises UsageError when it cannot be imported or is of another kind."""
    module, _, name = path.partition(":")
    try:
        found = getattr(import_module(module), name)
    except (ImportError, AttributeError, ValueError) as error:
        raise UsageError(f"{key}: '{path}' cannot be imported: {error}; give 'package.module:Class'") from None
    if not (isinstance(found, type) and issubclass(found, base)):
        raise UsageError(f"{key}: '{path}' must be a subclass of optuna's {base.__name__}, got {choices([repr(found)])}")
    return found
