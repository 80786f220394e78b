"""Finding the user's factory, and telling what went wrong in it. Without torch."""

import importlib
import sysconfig
import traceback
from collections.abc import Callable
from pathlib import Path

from ..errors import UsageError
from ..spec import FactorySpec

LONGEST = 200
"""Characters of another's message that are repeated."""


def factory_of(model: FactorySpec) -> Callable[..., object]:
    """The function that the study file names. Raises UsageError when there is none."""
    module, _, name = model.factory.partition(":")
    try:
        return getattr(importlib.import_module(module), name)  # type: ignore[no-any-return]  # checked by the caller
    except ImportError as error:
        raise UsageError(f"factory must be importable, got {model.factory}: {error}; is its folder on PYTHONPATH?") from error
    except AttributeError:
        raise UsageError(f"factory must name a function of its module, got {model.factory}: no '{name}' in {module}") from None


def said(error: BaseException) -> str:
    """An exception of the user's code in one line: its kind, its message, and the last line of that code that it came through."""
    message = short(error)
    place = _place(error)
    return f"{type(error).__name__}: {message}{f' ({place})' if place else ''}"


def short(error: BaseException) -> str:
    """The first line of an exception's message."""
    message = " ".join((str(error).strip().split("\n") or [""])[0].split())
    return message if len(message) <= LONGEST else f"{message[: LONGEST - 3]}..."


def _place(error: BaseException) -> str | None:
    """File and line: the last that are of neither hpo nor Python nor an installed package."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if _is_users(Path(frame.filename))]
    return f"{frames[-1].filename}, line {frames[-1].lineno}" if frames else None


def _is_users(file: Path) -> bool:
    others = Path(__file__).parents[1], Path(sysconfig.get_paths()["stdlib"])
    return file.is_file() and not set(others) & set(file.parents) and not {"site-packages", "dist-packages"} & set(file.parts)
