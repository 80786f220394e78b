"""Where training breaks, with the interval of the place."""

import math

import numpy as np
import pytest
from optuna.trial import TrialState

from hpo.analysis.firth import fit
from hpo.analysis.holm import holm
from hpo.analysis.reading import read
from hpo.analysis.stability import Boundary, Stability, boundary, stability
from hpo.analysis.table import Unanswered
from hpo.testing.scenarios import break_at

from .studies import diverging_trials, random_trials, study, trial


@pytest.mark.parametrize(("a", "b", "c", "d"), [(9, 1, 2, 8), (5, 5, 3, 7), (6, 0, 0, 6), (1, 0, 4, 3)])
def test_firth_adds_a_half_to_each_cell(a: int, b: int, c: int, d: int) -> None:
    """In a table of two by two Firth's estimate is the odds ratio with a half added to each cell, even to an empty one."""
    side = np.repeat([0.0, 0.0, 1.0, 1.0], [a, b, c, d])
    happened = np.repeat([0.0, 1.0, 0.0, 1.0], [a, b, c, d])
    found = fit(np.column_stack([np.ones_like(side), side]), happened).coefficients
    odds = [math.log((events + 0.5) / (none + 0.5)) for none, events in ((a, b), (c, d))]
    assert found == pytest.approx([odds[0], odds[1] - odds[0]], abs=1e-5)


def test_the_boundary_is_found() -> None:
    """Where every trial above a rate diverges and none below, the boundary is finite, near it, and its interval holds it."""
    found = stability(read(study(diverging_trials(60, border=0.1))))
    assert isinstance(found, Stability)
    first = found.boundaries[0]
    assert (first.parameter, first.side) == ("rate", "above")
    assert first.low < 0.1 < first.high
    assert 0.05 < first.at < 0.2
    assert first.p < 1e-6
    assert first.coefficients[0] + first.coefficients[1] * math.log10(first.at) == pytest.approx(0)
    assert all(other.p > 0.001 for other in found.boundaries[1:])


def test_a_parameter_without_bearing_has_no_limits() -> None:
    """Where divergence has nothing to do with a parameter, its boundary is anywhere: the interval is open at both ends."""
    generator = np.random.default_rng(1)
    found = stability(break_at(40, -1.5, 0.0)(generator, 0))
    assert isinstance(found, Stability)
    weakest = max(found.boundaries, key=lambda one: one.p)
    assert math.isinf(weakest.high)
    assert weakest.low in (0.0, -math.inf)


def test_boundaries_are_corrected_together() -> None:
    """The boundaries of a study stand side by side, so that each p allows for all of them (Holm)."""
    made = read(study(diverging_trials(60, border=0.1)))
    found = stability(made)
    assert isinstance(found, Stability)
    alone = [one for name in ("rate", "decay", "width", "layers") if isinstance(one := boundary(made, name), Boundary)]
    expected = dict(zip((one.parameter for one in alone), holm([one.p for one in alone]), strict=True))
    assert {one.parameter: one.p for one in found.boundaries} == pytest.approx(expected)


@pytest.mark.parametrize(
    ("trials", "reason"),
    [
        ([], "no trial has ended"),
        ([trial({"rate": 0.1}, None, TrialState.FAIL)], "no trial has ended but in an error"),
        (random_trials(5), "no trial diverged"),
        (diverging_trials(5, border=0.0), "all trials diverged"),
    ],
)
def test_why_there_is_no_boundary(trials: list[object], reason: str) -> None:
    """With only one kind of outcome there is nothing to tell apart, and that is said."""
    found = stability(read(study(trials)))  # type: ignore[arg-type]  # trials
    assert found == Unanswered(reason)


def test_a_large_study_is_thinned() -> None:
    """Of many trials a part is used, and the count says so."""
    made = break_at(3000, -1.0, 4.0)(np.random.default_rng(0), 0)
    found = stability(made)
    assert isinstance(found, Stability)
    assert found.boundaries[0].trials == 2000
    assert found.trials == 3000
