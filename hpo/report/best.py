"""The best setting, and how to use it."""

import json
import shlex
from collections.abc import Mapping
from typing import Any, NamedTuple

from ..analysis.table import Table
from ..findings.wording import counted
from ..spec import StudySpec
from .explanation import Explanation
from .leader import Leader
from .wording import exact, point, told

REPLICATES = 5
"""Networks that the command trains at the best point: enough to see its noise."""


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
    command = _shell(table.name, explanation.spec, settings, storage) if explanation.spec is not None else _python(settings)
    return Best(int(table.numbers[leader.row]), _value(table, leader), told(table, leader.row), command, shell)


def _value(table: Table, leader: Leader) -> str:
    value = exact(table.metric, table.values[leader.row, 0])
    if len(table.metrics) > 1:
        return f"{table.metric} {value}, the best by that objective alone"
    best = None if leader.raced is None else leader.raced.best
    if best is None or best.expected is None:
        return value
    return f"{exact(table.metric, best.expected)} to be expected, by {counted(best.seeds, 'fresh seed')}; {value} in the search"


def _shell(name: str, spec: StudySpec, settings: Mapping[str, Any], storage: str | None) -> str:
    """Train the point again, under new seeds, in a study of its own."""
    place = ["--storage", storage] if storage else []
    # Inline tables of TOML; its strings and numbers are written as in JSON.
    space = ", ".join(
        f"{json.dumps(key)} = {{{_option(spec, key)}choices = [{json.dumps(value)}]}}" for key, value in settings.items()
    )
    changes = {
        "space": f"{{{space}}}",
        "stage": '[{name = "best", trials = 1}]',
        "search": f"{{metric = {json.dumps(spec.search.metric)}, replicates = {REPLICATES}}}",
        "finding": "[]",
        "seed": str(spec.seed + 1),
    }
    export = ["hpo", "study", "export", *place, "-o", "study.toml", *(["--"] if name.startswith("-") else []), name]
    run = ["hpo", "study", "run", *place, f"--name={name}-best", "study.toml"]
    settings_of_run = [f"--set {shlex.quote(f'{key}={value}')}" for key, value in changes.items()]
    return "\n".join([shlex.join(export), " \\\n  ".join([shlex.join(run), *settings_of_run])])


def _option(spec: StudySpec, name: str) -> str:
    parameter = spec.space.get(name)
    return f"option = {json.dumps(parameter.option)}, " if parameter is not None and parameter.option else ""


def _python(settings: Mapping[str, Any]) -> str:
    return f"objective(optuna.trial.FixedTrial({dict(settings)!r}))"
