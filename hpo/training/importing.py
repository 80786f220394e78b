"""Finding the user's factory, and telling what went wrong in it. Without torch.

A factory lies where the study file lies, in the working directory, or where Python looks anyway. Two studies may each have their
own `nets.py`: what was loaded for one is forgotten when another is turned to.
"""

import importlib
import signal
import sys
import sysconfig
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from ..errors import UsageError, unknown

if TYPE_CHECKING:
    from ..spec import FactorySpec

LONGEST = 200
"""Characters of another's message that are repeated."""

_folders: tuple[str, ...] = ()
_found: set[str] = set()
"""Names of the modules that were found in the folders."""


def folders() -> tuple[str, ...]:
    """Where factories are looked for, ahead of where Python looks."""
    return _folders


def look_in(wanted: Sequence[str]) -> None:
    """Look for factories in these folders from now on, the first one first, and nowhere else but where Python looks."""
    global _folders
    kept = tuple(dict.fromkeys(wanted))
    if kept == _folders:
        return
    while _found:
        sys.modules.pop(_found.pop(), None)
    sys.path[:] = [*(each for each in sys.path if each not in _folders), *kept]  # Last, so that they hide nobody's modules.
    _folders = kept


def factory_of(model: "FactorySpec") -> Callable[..., object]:
    """The function that the study file names. Raises UsageError when there is none."""
    place, _, name = model.factory.partition(":")
    module = _module(place, model.factory)
    found = getattr(module, name, None)
    if found is None:
        known = [each for each, value in vars(module).items() if callable(value) and not each.startswith("_")]
        way_out = unknown("function", name, known) if known else "define it there"
        raise UsageError(f"factory must name a function of its module, got {model.factory}: no '{name}' in {place}; {way_out}")
    if not callable(found):
        raise UsageError(f"factory must name a function, got {model.factory}, which is a {type(found).__name__}")
    return found  # type: ignore[no-any-return]  # what it returns is checked by the caller


def _module(place: str, factory: str) -> ModuleType:
    try:
        with in_folders(), redirect_stdout(sys.stderr):  # What it prints is no answer.
            return importlib.import_module(place)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{place}.".startswith(f"{error.name}."):
            raise UsageError(f"factory must be importable, got {factory}: {place} raised {said(error)}") from error
        looked = ", ".join(map(repr, _folders))
        where = f"looked in {looked} and where Python looks" if looked else "looked where Python looks"
        raise UsageError(f"factory must be importable, got {factory}: {error}; {where}: put it beside the study file") from error
    except (Exception, SystemExit) as error:
        let_stop(error)
        raise UsageError(f"factory must be importable, got {factory}: {place} raised {said(error)}") from error


@contextmanager
def in_folders() -> Iterator[None]:
    """Within it the user's modules come first, and leave no compiled files behind, which may be those of a file since mended."""
    before, path, compiled = set(sys.modules), sys.path[:], sys.dont_write_bytecode
    sys.path[:] = [*_folders, *path]
    sys.dont_write_bytecode = True
    importlib.invalidate_caches()
    try:
        yield
    finally:
        sys.path[:], sys.dont_write_bytecode = path, compiled
        for name in sys.modules.keys() - before:
            file = getattr(sys.modules[name], "__file__", None)
            if file and _within(file, _folders) and name.partition(".")[0] != __package__.partition(".")[0]:
                _found.add(name)


def _within(file: str, wanted: Sequence[str]) -> bool:
    return any(Path(each) in Path(file).parents for each in wanted)


@contextmanager
def staying() -> Iterator[None]:
    """Within it a network that calls sys.exit() has an error, which is its trial's alone; what stops the run stops it."""
    try:
        yield
    except SystemExit as error:
        let_stop(error)
        raise UsageError(f"a network must not end the process that trains it, but it raised {said(error)}") from error


def let_stop(error: Exception | SystemExit) -> None:
    """Raise it again where it comes from a signal's handler, which Python calls wherever the signal finds it."""
    handlers = {getattr(signal.getsignal(number), "__code__", None) for number in signal.valid_signals()}
    if isinstance(error, SystemExit) and any(frame.f_code in handlers for frame, _ in traceback.walk_tb(error.__traceback__)):
        raise error


def said(error: BaseException) -> str:
    """An exception of the user's code in one line: its kind, its message, and the last line of that code that it came through."""
    text = error.msg if isinstance(error, SyntaxError) else str(error)  # The place of a syntax error follows anyway.
    message = " ".join((text.strip().split("\n") or [""])[0].split())
    message = message if len(message) <= LONGEST else f"{message[: LONGEST - 3]}..."
    place = _place(error)
    return f"{type(error).__name__}: {message}{f' ({place})' if place else ''}"


def _place(error: BaseException) -> str | None:
    """File and line: the last that are of neither hpo nor Python nor an installed package."""
    if isinstance(error, SyntaxError):
        return None if error.filename in (error.msg, None) else f"{error.filename}, line {error.lineno}"
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if _is_users(Path(frame.filename))]
    return f"{frames[-1].filename}, line {frames[-1].lineno}" if frames else None


def _is_users(file: Path) -> bool:
    others = Path(__file__).parents[1], Path(sysconfig.get_paths()["stdlib"])
    return file.is_file() and not set(others) & set(file.parents) and not {"site-packages", "dist-packages"} & set(file.parts)
