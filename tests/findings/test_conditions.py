"""Which trials a condition speaks of."""

from dataclasses import replace

import numpy as np
import pytest
from pydantic import TypeAdapter, ValidationError

from hpo.analysis.table import Column, Table
from hpo.findings.conditions import Condition, Conditions, matching, worded
from hpo.findings.finding import Undecidable
from hpo.testing import planted

PLAIN = planted.table(
    {"rate": np.array([0.001, 0.01, 0.1, 1.0]), "width": np.array([8.0, 16.0, 16.0, 32.0])},
    np.array([0.2, 0.9, 0.5, np.nan]),
    diverged=np.array([False, False, False, True]),
)
TABLE = replace(
    PLAIN,
    stages=np.array(["wide", "wide", "narrow", "narrow"]),
    columns={**PLAIN.columns, "norm": Column("norm", np.array([0.0, 1.0, 1.0, np.nan]), 0, 1, choices=(False, True))},
)
READ = TypeAdapter(Conditions)


def rows(table: Table, **conditions: object) -> list[int]:
    """Rows that match conditions as a study file writes them."""
    return np.flatnonzero(matching(table, READ.validate_python(conditions))).tolist()


@pytest.mark.parametrize(
    ("conditions", "expected"),
    [
        ({}, [0, 1, 2, 3]),
        ({"rate": 0.1}, [2]),
        ({"width": 16}, [1, 2]),
        ({"rate": [0.01, 0.1]}, [1, 2]),
        ({"rate": {"above": 0.01}}, [2, 3]),
        ({"rate": {"above": 0.001, "below": 1.0}}, [1, 2]),
        ({"norm": True}, [1, 2]),
        ({"norm": False}, [0]),
        ({"norm": 1}, []),
        ({"stage": "wide"}, [0, 1]),
        ({"outcome": "diverged"}, [3]),
        ({"rank": 1}, [1]),
        ({"rank": [1, 2]}, [1, 2]),
        ({"rank": 1, "stage": "narrow"}, [2]),
        ({"validation_accuracy": {"below": 0.6}}, [0, 2, 3]),
        ({"validation_accuracy": [0.0, 0.6]}, [0, 2]),
        ({"diverged": 1}, [3]),
        ({"width": 16, "rate": 0.1}, [2]),
    ],
)
def test_conditions_choose_trials(conditions: dict[str, object], expected: list[int]) -> None:
    """Every condition must hold; a rank counts among the trials that meet the others; a diverged trial is as bad as can be."""
    assert rows(TABLE, **conditions) == expected


def test_unknown_names_are_told() -> None:
    """A name that the study does not have is answered with the nearest one."""
    with pytest.raises(Undecidable, match="did you mean 'rate'"):
        rows(TABLE, rates=0.1)


@pytest.mark.parametrize("value", [[0.2, 0.1], [1], [1, 2, 3], {}, {"over": 1}, None, {"above": "x"}])
def test_wrong_conditions_are_refused(value: object) -> None:
    """A condition is a value, an interval in order, or a bound."""
    with pytest.raises(ValidationError):
        TypeAdapter(Condition).validate_python(value)


def test_conditions_in_words() -> None:
    """A reader sees the names and values of the study file."""
    read = READ.validate_python({"eta": [0.01, 0.1], "norm": True, "batch": {"above": 20}, "stage": "wide", "rate": 1e-4})
    assert worded(read) == "eta from 0.01 to 0.1 and norm true and batch above 20 and stage wide and rate 0.0001"
