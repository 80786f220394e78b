"""Numbers in tables."""

from typing import Any

import pytest

from hpo.cli.figures import counted, heading, lasting, measured, outcome_counts, significant


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0864, "0.0864"),
        (0.08640049, "0.08640"),
        (0.3, "0.3"),
        (1.8246e-4, "0.0001825"),
        (1.8246e-7, "1.825e-07"),
        (123456.0, "1.235e+05"),
        (1000.0, "1000"),
        (50, "50"),
        (True, "True"),
        ("tpe", "tpe"),
    ],
)
def test_parameters_have_four_digits(value: Any, text: str) -> None:
    """A number is printed with 4 significant digits, a whole number or a word as it is."""
    assert significant(value) == text


@pytest.mark.parametrize(
    ("value", "metric", "text"),
    [
        (0.45018, "validation_accuracy", "45.02"),
        (1.0, "validation_accuracy", "100.0"),
        (1.52341, "validation_loss", "1.523"),
        (None, "validation_loss", ""),
    ],
)
def test_accuracies_are_in_per_cent(value: float | None, metric: str, text: str) -> None:
    """A share is printed in per cent, a cost as it is, as the course reports do."""
    assert measured(value, metric) == text


def test_heading_names_the_unit() -> None:
    """The column of an accuracy says that it is in per cent."""
    assert heading("validation_accuracy") == "validation accuracy %"
    assert heading("validation_cost") == "validation cost"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.4, "0 s"), (99.4, "99 s"), (99.6, "2 min"), (5900.0, "98 min"), (5970.0, "1 h 40 min"), (7199.0, "2 h 0 min")],
)
def test_durations_have_one_unit_or_two(seconds: float, text: str) -> None:
    """A duration is in seconds, minutes, or hours and minutes."""
    assert lasting(seconds) == text


def test_counts() -> None:
    """One thing is singular; outcomes come in a fixed order, without those that did not occur."""
    assert (counted(1, "trial"), counted(1200, "trial")) == ("1 trial", "1,200 trials")
    assert outcome_counts({"diverged": 2, "completed": 8, "error": 0}) == ["8 completed", "2 diverged"]
