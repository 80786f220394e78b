"""Ticks and limits."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpo.analysis.table import Column
from hpo.plots.scales import beyond, linear_ticks, log_ticks, onto, robust, spread_out, tick_label
from hpo.plots.units import axis_label, label, value

positive = st.floats(1e-12, 1e12)


@given(positive, st.floats(1.05, 1e12), st.integers(3, 8))
def test_ticks_lie_inside_and_are_few(low: float, factor: float, most: int) -> None:
    """At least two, at most as many as asked for, in rising order, none outside."""
    high = low * factor
    ticks = log_ticks(low, high, most)
    assert 2 <= len(ticks) <= most
    assert ticks == sorted(set(ticks))
    assert low <= ticks[0]
    assert ticks[-1] <= high


@pytest.mark.parametrize(
    ("ends", "ticks"),
    [
        ((1e-6, 0.1), [1e-6, 1e-5, 1e-4, 1e-3, 0.01, 0.1]),
        ((0.01, 0.7), [0.01, 0.03, 0.1, 0.3]),
        ((0.07, 0.2), [0.07, 0.1, 0.15, 0.2]),
        ((0.082, 0.15), [0.1, 0.12, 0.14]),
    ],
)
def test_ticks_are_round(ends: tuple[float, float], ticks: list[float]) -> None:
    """Powers of ten, and in a short range the numbers between that one would write by hand."""
    assert log_ticks(*ends) == pytest.approx(ticks)


@pytest.mark.parametrize(
    ("number", "text"), [(0.001, "0.001"), (1e-5, "1e-5"), (20000, "20000"), (3e-7, "3e-7"), (250000, "2.5e5")]
)
def test_tick_labels_are_plain(number: float, text: str) -> None:
    """Numbers as one writes them."""
    assert tick_label(number) == text


@given(st.lists(st.floats(-1e6, 1e6), min_size=1))
def test_limits_hold_the_middle(values: list[float]) -> None:
    """Half of the values at least are inside; those outside are moved to the edge, and counted."""
    known = np.array(values)
    limits = robust(known)
    assert limits is not None
    assert limits[0] < limits[1]
    outside = beyond(known, limits)
    assert outside <= len(values) / 2
    moved = onto(known, limits)
    assert ((moved >= limits[0]) & (moved <= limits[1])).all()
    assert (moved == known).sum() >= len(values) - outside


def test_nothing_has_no_limits() -> None:
    """Values that are not finite set no limits."""
    assert robust(np.array([np.nan, np.inf])) is None
    assert robust(np.array([])) is None


def test_units() -> None:
    """hpo's accuracies are in per cent, its losses in nats, anything else as it is; names are cut and cleaned."""
    assert axis_label("accuracy") == "accuracy"
    assert value("accuracy", 93.2) == "93.2"
    assert axis_label("loss") == "loss"
    assert axis_label("validation_accuracy") == "validation accuracy (%)"
    assert axis_label("training_loss") == "training loss (nats)"
    assert axis_label("value") == "value"
    assert value("validation_accuracy", 0.4502).replace("\N{NO-BREAK SPACE}", " ") == "45.02 %"
    assert label("a\nb\x1b") == "a b "
    assert len(label("x" * 100)) == 28


@pytest.mark.parametrize(
    ("column", "ticks"),
    [
        (Column("size", np.array([]), 3, 5, integer=True, step=1), [3, 4, 5]),
        (Column("size", np.array([]), 3, 5, integer=True, step=2), [3, 5]),
        (Column("size", np.array([]), 16, 128, integer=True, step=1), [20, 40, 60, 80, 100, 120]),
        (Column("rate", np.array([]), 0.0, 0.3), [0.0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3]),
        (Column("rate", np.array([]), 0.5, 0.5), [0.5]),
        (Column("wild", np.array([]), -1e308, 1e308), [-1e308, 1e308]),
    ],
)
def test_ticks_are_values_that_a_parameter_can_have(column: Column, ticks: list[float]) -> None:
    """Whole numbers for a whole number, each value where there are few."""
    assert linear_ticks(column) == ticks


def test_trials_of_one_value_are_set_apart() -> None:
    """Where a parameter has few values, its trials do not lie on top of each other, and stay nearer to theirs than to another."""
    few = Column("size", np.full(50, 3.0), 3, 5, integer=True, step=2)
    shown = spread_out(few, few.values, np.arange(50))
    assert len(np.unique(shown)) == 50
    assert np.abs(shown - 3).max() <= 0.5
    rate = Column("rate", np.full(50, 0.1), 0.0, 1.0)
    assert (spread_out(rate, rate.values, np.arange(50)) == 0.1).all()
