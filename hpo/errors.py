"""Every exception that hpo raises on purpose.

    HpoError                       exit code 1: the command failed
    ├── EngineError                exit code 1: the workers cannot do the work
    ├── UsageError                 exit code 2: the request or the study file is wrong
    │   ├── InvalidSpec            all faults of one study file, at once
    │   └── NameTaken              the storage has a study of that name already
    ├── NotFound                   exit code 3: no study, trial or file of that name
    ├── AllTrialsFailed            exit code 4: nothing to learn from
    ├── StorageError               exit code 5: the database cannot be used
    └── DataUnavailable            exit code 6: the images cannot be had, or are broken

A message gives the rule, the value received and the way out. The command line prints it without a traceback;
anything else that is raised is a bug and keeps its traceback.
"""

import re
import shlex
from collections.abc import Iterable, Sequence
from difflib import get_close_matches

_SECRET = re.compile(r"(?i)(password|passwd|pwd|secret|token)=[^&\s]*")


class HpoError(Exception):
    """The base of the tree: catch this one to catch all that hpo raises on purpose."""

    exit_code = 1


class EngineError(HpoError):
    """The workers of an engine cannot be started, or keep dying on a job."""


class UsageError(HpoError):
    """The request cannot be carried out as it was put."""

    exit_code = 2


class InvalidSpec(UsageError):
    """A study file that breaks rules; carries all of its faults."""

    def __init__(self, source: str, faults: Sequence[str]) -> None:
        self.source = source
        self.faults = tuple(faults)
        count = "1 fault" if len(self.faults) == 1 else f"{len(self.faults)} faults"
        super().__init__("\n".join([f"{source}: {count}", *(f"  {fault}" for fault in self.faults)]))

    def __reduce__(self) -> tuple[type["InvalidSpec"], tuple[str, tuple[str, ...]]]:
        return type(self), (self.source, self.faults)


class NameTaken(UsageError):
    """A study cannot be made because there is one of its name."""


class NotFound(HpoError):
    """Nothing of that name is there."""

    exit_code = 3


class AllTrialsFailed(HpoError):
    """Every trial of a run ended in an error, so there is no result."""

    exit_code = 4


class StorageError(HpoError):
    """The storage cannot be opened, read or written."""

    exit_code = 5


class DataUnavailable(HpoError):
    """A data set is missing, cannot be fetched, or does not hold what it should."""

    exit_code = 6


def choices(names: Iterable[str]) -> str:
    """Known names for a message, in a fixed order: 'a, b or c'."""
    ordered = sorted(names)
    if len(ordered) < 2:
        return "".join(ordered)
    return f"{', '.join(ordered[:-1])} or {ordered[-1]}"


def unknown(kind: str, name: str, known: Iterable[str]) -> str:
    """The message for a name that does not exist: the nearest one first, then all the choices."""
    names = sorted(known)
    near = get_close_matches(name, names, n=1) or get_close_matches(name.lower(), names, n=1)
    hint = f"did you mean '{near[0]}'? " if near else ""
    return f"unknown {kind} '{name}': {hint}it must be {choices(names)}"


def pasted(words: Iterable[str]) -> str:
    """A command on one line, to be pasted into a shell: whatever its words hold, they come out as they are."""
    return " ".join(word if shlex.quote(word) == word else _quoted(word) for word in words)


def _quoted(word: str) -> str:
    return shlex.quote(word) if word.isprintable() else f"$'{''.join(map(_escaped, word))}'"


def _escaped(letter: str) -> str:
    """As in bash's $'...'; what stands for a byte that is no text becomes that byte."""
    if letter in "\\'":
        return f"\\{letter}"
    if letter.isprintable():
        return letter
    code = ord(letter)
    return f"\\x{code - 0xDC00:02x}" if 0xDC80 <= code <= 0xDCFF else f"\\U{code:08x}"


def study_command(verb: str, name: str, *options: str) -> str:
    """`hpo study VERB OPTIONS NAME`, to be pasted into a shell."""
    return pasted(["hpo", "study", verb, *options, *(["--"] if name.startswith("-") else []), name])


def hidden(url: str) -> str:
    """A storage URL for the eyes of others: its password is ***."""
    # A password may hold unescaped slashes and @: all up to the last @ of the URL is taken to be the user and the password.
    masked = re.sub(r"^([^:/]*://[^:@/]*):.*@", r"\1:***@", url)
    return _SECRET.sub(r"\1=***", masked)
