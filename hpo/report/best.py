"""The best setting, and how to use it."""

import json
import shlex
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from ..spec import StudySpec
from .explanation import Explanation
from .wording import exact, point, told

REPLICATES = 5
"""Networks that the command trains at the best point: enough to see its noise."""


class Best(NamedTuple):
    """The best completed trial of the first objective."""

    number: int
    value: str
    settings: Mapping[str, Any]
    """As a reader tells them apart."""
    command: str
    """To be pasted: into a shell, or into Python for a study that hpo did not make."""
    shell: bool


def best(explanation: Explanation, storage: str | None) -> Best | None:
    """The best trial; None when none has completed. `storage`: its URL, where it is not the default one."""
    table = explanation.table
    if not table.completed.any():
        return None
    row = int(np.nanargmax(table.score()))
    settings = point(table, row)
    shell = explanation.spec is not None
    command = _shell(table.name, explanation.spec, settings, storage) if explanation.spec is not None else _python(settings)
    value = exact(table.metric, table.values[row, 0])
    shown = value if len(table.metrics) == 1 else f"{table.metric} {value}, the best by that objective alone"
    return Best(int(table.numbers[row]), shown, told(table, row), command, shell)


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
