"""The best setting, and how to use it."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from ..analysis.table import Unanswered
from ..errors import study_command
from ..findings.wording import counted
from .explanation import Explanation
from .leader import Leader
from .wording import exact, point, told


class Best(NamedTuple):
    """The best trial of the first objective, as far as is known."""

    number: int
    value: str
    settings: Mapping[str, Any]
    """As a reader tells them apart."""
    command: str
    """To be pasted: into a shell, or into Python for a study that hpo did not make."""
    shell: bool


def best(explanation: Explanation, storage: str | None) -> Best | None:
    """The best trial; None when none has completed. `storage`: its URL, where it is not the default one."""
    table, leader = explanation.table, explanation.leader
    if leader is None:
        return None
    settings = point(table, leader.row)
    shell = explanation.spec is not None
    number = int(table.numbers[leader.row])
    command = _shell(table.name, number, storage) if shell else _python(settings)
    return Best(number, _value(explanation, leader), told(table, leader.row), command, shell)


def _value(explanation: Explanation, leader: Leader) -> str:
    table = explanation.table
    value = exact(table.metric, table.values[leader.row, 0])
    if len(table.metrics) > 1:
        return f"{table.metric} {value}, the best by that objective alone"
    if leader.raced is None:
        return f"{value} in the search{_to_be_expected(explanation, leader)}"
    best = leader.raced.best
    if best is None or best.expected is None:
        return f"{value} in the search; a network of it diverged on fresh seeds"
    return f"{exact(table.metric, best.expected)} to be expected, by {counted(best.seeds, 'fresh seed')}; {value} in the search"


def _to_be_expected(explanation: Explanation, leader: Leader) -> str:
    table, gap = explanation.table, explanation.analysis.selection_gap
    if isinstance(gap, Unanswered) or gap.best != table.values[leader.row, 0] or not np.isfinite(gap.expected):
        return ""
    return f"; {exact(table.metric, gap.expected)} is to be expected of new seeds"


def _shell(name: str, number: int, storage: str | None) -> str:
    """Train the point again, under new seeds, in a study of its own."""
    place = ["--storage", storage] if storage else []
    return study_command("run", name, *place, "--from-trial", str(number))


def _python(settings: Mapping[str, Any]) -> str:
    return f"objective(optuna.trial.FixedTrial({dict(settings)!r}))"
