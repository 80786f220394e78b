"""The best setting, and how to use it."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from ..analysis.recommendation import Recommendation
from ..analysis.settings import own
from ..errors import study_command
from ..findings.wording import counted
from .explanation import Explanation
from .leader import Leader
from .rounding import value, values
from .wording import exact, point, told

NETWORKS = 5
"""That train a setting again, as hpo.runner.again has it."""


class Best(NamedTuple):
    """The setting to take, as far as is known."""

    number: int
    """Of the trial that has it."""
    recommended: bool
    """By the model of the study."""
    value: str
    settings: Mapping[str, Any]
    """As a reader tells them apart."""
    command: str
    """To be pasted: into a shell, or into Python for a study that hpo did not make."""
    shell: bool


def best(explanation: Explanation, storage: str | None) -> Best | None:
    """The recommended setting; where there is no model of the study the winner of the last race, or else the best trial.

    None when none has completed. `storage`: its URL, where it is not the default one.
    """
    table, leader, found = explanation.table, explanation.leader, explanation.analysis.recommendation
    if leader is None:
        return None
    if isinstance(found, Recommendation):
        return _recommended(explanation, found, storage)
    settings = point(table, leader.row)
    shell = explanation.spec is not None
    number = int(table.numbers[leader.row])
    command = _shell(table.name, storage, "--from-trial", str(number)) if shell else _python(settings)
    return Best(number, False, _value(explanation, leader), told(table, leader.row), command, shell)


def spoken(explanation: Explanation, storage: str | None) -> tuple[str, ...]:
    """The answer as a command prints it: its three sentences, and how to train the setting that the first one recommends."""
    found = best(explanation, storage)
    if found is None or not found.recommended or not found.shell or not explanation.answer[0].startswith("Take "):
        return explanation.answer
    return (*explanation.answer, f"Train that setting on {NETWORKS} fresh seeds with: {found.command}")


def _recommended(explanation: Explanation, found: Recommendation, storage: str | None) -> Best:
    table = explanation.whole
    settings = {name: own(table.columns[name], at) for name, at in found.settings.items()}
    names = {name: table.columns[name].names for name in settings}
    readable = {name: names[name][int(found.settings[name])] if names[name] else at for name, at in settings.items()}
    shell = explanation.spec is not None
    command = _shell(table.name, storage, "--from-trial", str(found.trial)) if shell else _python(settings)
    expected = value(table.metric, found.expected, found.high - found.low)
    worth = f"{expected} is to be expected of a new seed (95 % interval {values(table.metric, found.low, found.high)})"
    return Best(found.trial, True, worth, readable, command, shell)


def _value(explanation: Explanation, leader: Leader) -> str:
    table = explanation.table
    value = exact(table.metric, table.values[leader.row, 0])
    if len(table.metrics) > 1:
        return f"{table.metric} {value}, the best by that objective alone"
    if leader.raced is None:
        return f"{value} in the search"
    best = leader.raced.best
    if best is None or best.expected is None:
        return f"{value} in the search; a network of it diverged on fresh seeds"
    return f"{exact(table.metric, best.expected)} to be expected, by {counted(best.seeds, 'fresh seed')}; {value} in the search"


def _shell(name: str, storage: str | None, *options: str) -> str:
    """Train the setting, under new seeds, in a study of its own."""
    place = ["--storage", storage] if storage else []
    return study_command("run", name, *place, *options)


def _python(settings: Mapping[str, Any]) -> str:
    return f"objective(optuna.trial.FixedTrial({dict(settings)!r}))"
