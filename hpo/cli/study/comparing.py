"""Two studies side by side: which settings differ."""

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from ...errors import study_command

if TYPE_CHECKING:
    from ...spec import StudySpec


def differences(stored: "StudySpec", asked: "StudySpec") -> Iterator[str]:
    """A line for each key whose value is not the same."""
    there, here = (dict(flat(spec.model_dump(mode="json"))) for spec in (stored, asked))
    for key in dict.fromkeys((*there, *here)):
        if there.get(key) != here.get(key):
            yield f"{key}: {_shown(there.get(key))} is stored, {_shown(here.get(key))} asked for"


def _shown(value: Any) -> str:
    return "nothing" if value is None else json.dumps(value)


def flat(value: Any, key: str = "") -> Iterator[tuple[str, Any]]:
    """The leaves of a tree with their dotted keys; lists of plain values are leaves."""
    branches: Iterable[tuple[Any, Any]]
    if isinstance(value, dict) and value:
        branches = value.items()
    elif isinstance(value, list) and any(isinstance(item, dict) for item in value):
        branches = enumerate(value)
    else:
        yield key, value
        return
    for name, branch in branches:
        yield from flat(branch, f"{key}.{name}" if key else str(name))


def other_settings(name: str, differences: Sequence[str]) -> str:
    """The message to a user who asks for a stored study with other settings."""
    return "\n".join(
        [
            f"study '{name}' is stored with other settings, which a study keeps for its whole life:",
            *(f"  {difference}" for difference in differences),
            f"go on with it as it is with `{study_command('run', name)}`, or give the new one a name of its own with --name",
        ]
    )
