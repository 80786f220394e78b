"""Printed figures beside measured ones."""

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
from pydantic import Field

from hpo.analysis.table import Floats, Table
from hpo.findings.conditions import matching
from hpo.findings.runs import runs
from hpo.runner import StoredStudy
from hpo.runner.final import Test, tests
from hpo.section import Section

PER_CENT = ("validation_accuracy", "test")


class Figure(Section):
    """A figure that a report printed, and where a study measures it."""

    study: str
    what: str
    printed: tuple[float, ...]
    metric: Literal["validation_accuracy", "training_loss", "test"] = "validation_accuracy"
    where: dict[str, Any] = Field(default_factory=dict)
    pick: Literal["all", "best"] = "all"
    """best: the networks of the best trial among them."""


class Measured(Section):
    """What the study measured in its place."""

    mean: float
    reach: float | None
    """A single run lies this far from the mean, or nearer, with a probability of 95 %; None: one run cannot tell."""
    n: int
    """Networks."""
    seconds: float
    """Training time of the trials."""


def figures() -> list[Figure]:
    """All of them, in the order of the reports."""
    text = Path(__file__).with_name("figures.toml").read_text(encoding="utf-8")
    return [Figure.model_validate(each) for each in tomllib.loads(text)["figure"]]


def measure(figure: Figure, study: StoredStudy, table: Table) -> Measured | None:
    """The figure from a study's trials; None when there is none."""
    if figure.metric == "test":
        return _tested(figure.where, tests(study))
    rows = matching(table, figure.where) & table.completed
    if not rows.any():
        return None
    if figure.pick == "best":
        rows &= table.score() == table.score()[rows].max()
    values = runs(table, figure.metric).values[rows]
    factor = 100.0 if figure.metric in PER_CENT else 1.0
    return _of(factor * values[np.isfinite(values)], float(table.seconds[rows].sum()))


def _of(values: Floats, seconds: float) -> Measured | None:
    from scipy.special import stdtrit

    n = len(values)
    if n == 0:
        return None
    reach = float(stdtrit(n - 1, 0.975) * values.std(ddof=1) * np.sqrt(1 + 1 / n)) if n > 1 else None
    return Measured(mean=float(values.mean()), reach=reach, n=n, seconds=seconds)


def _tested(where: Mapping[str, Any], looks: Sequence[Test]) -> Measured | None:
    """The first look: one network, whose accuracy and the printed one are both uncertain by the size of the test set."""
    found = next((look for look in looks if all(look.params[name] == value for name, value in where.items())), None)
    if found is None:
        return None
    return Measured(mean=100 * found.accuracy, reach=196 * np.sqrt(2) * found.error, n=1, seconds=found.seconds)
