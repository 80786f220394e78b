"""Best so far, and what was saved on the way."""

import math
from dataclasses import replace
from itertools import permutations

import numpy as np
import pytest
from optuna.trial import TrialState

from hpo.analysis.history import History, Reshuffled, history, reshuffled
from hpo.analysis.pruning import Pruning, pruning
from hpo.analysis.reading import read
from hpo.analysis.table import Unanswered

from .studies import study, trial

POINT = {"rate": 0.1}


@pytest.mark.parametrize(("direction", "best"), [("maximize", [1.0, 3.0, 3.0, 3.0]), ("minimize", [1.0, 1.0, 1.0, 0.5])])
def test_the_incumbent(direction: str, best: list[float]) -> None:
    """The best value so far never gets worse, in the direction of the study."""
    found = history(read(study([trial(POINT, value) for value in (1.0, 3.0, 2.0, 0.5)], [direction])))
    assert isinstance(found, History)
    assert found.best.tolist() == best


def test_trials_without_a_value_do_not_count() -> None:
    """Before the first value there is no best; a pruned trial changes nothing."""
    pruned = trial(POINT, None, TrialState.PRUNED, {0: 9.0})
    found = history(read(study([pruned, trial(POINT, 1.0), pruned])))
    assert isinstance(found, History)
    assert math.isnan(found.best[0])
    assert found.best[1:].tolist() == [1.0, 1.0]


def test_reshuffled_orders_are_exact() -> None:
    """The quantiles over all orders are those that counting every order gives."""
    values = [0.3, 0.9, None, 0.5, 0.1]
    trials = [trial(POINT, value) if value else trial(POINT, None, TrialState.PRUNED, {0: 0.0}) for value in values]
    found = reshuffled(read(study(trials)))
    assert isinstance(found, Reshuffled)
    assert found.counts.tolist() == [1, 2, 3, 4, 5]
    scores = [value or -math.inf for value in values]
    for column, count in enumerate(found.counts):
        bests = np.sort([max(order[:count]) for order in permutations(scores)])
        expected = [bests[math.ceil(q * len(bests) - 1e-9) - 1] for q in found.quantiles]
        assert np.nan_to_num(found.best[:, column], nan=-math.inf).tolist() == expected


def test_many_trials_are_thinned() -> None:
    """Ten thousand trials give at most 200 counts, the last of them all."""
    found = reshuffled(read(study([trial(POINT, float(value)) for value in range(1000)])))
    assert isinstance(found, Reshuffled)
    assert len(found.counts) <= 200
    assert found.best[:, -1].tolist() == [999.0] * 5


def test_compute_saved_by_pruning() -> None:
    """Epochs not trained, as a share of full training, and where the trials left."""
    full = dict.fromkeys(range(10), 1.0)
    trials = [trial(POINT, 1.0, reports=full), *[trial(POINT, None, TrialState.PRUNED, {0: 1.0, 1: 1.0})] * 3]
    found = pruning(read(study(trials)))
    assert isinstance(found, Pruning)
    assert (found.spent, found.full, found.axis) == (16.0, 40.0, "step")
    assert found.saved == pytest.approx(0.6)
    assert [(rung.at, rung.reached, rung.pruned, rung.completed) for rung in found.rungs] == [(1.0, 4, 3, 0), (9.0, 1, 0, 1)]


@pytest.mark.parametrize("trials", [[], [trial(POINT, None, TrialState.FAIL)]])
def test_no_value_no_history(trials: list[object]) -> None:
    """Without a completed trial each analysis says so."""
    empty = read(study(trials))  # type: ignore[arg-type]  # trials
    for answer in (history(empty), reshuffled(empty), pruning(empty)):
        assert isinstance(answer, Unanswered)
        assert "completed" in answer.reason


def test_stages_may_differ_in_length() -> None:
    """A completed trial has saved nothing, however short; a pruned one saves what a completed one of its own stage takes."""
    lengths = [("short", 4, "completed"), ("short", 2, "pruned"), ("long", 10, "completed")]
    trials = [
        trial({"rate": 0.1}, 1.0 if outcome == "completed" else None, _state(outcome), dict.fromkeys(range(1, length + 1), 1.0))
        for _, length, outcome in lengths
    ]
    table = replace(read(study(trials)), stages=np.array([stage for stage, *_ in lengths]))
    found = pruning(table)
    assert isinstance(found, Pruning)
    assert (found.spent, found.full) == (16, 18)


def _state(outcome: str) -> TrialState:
    return TrialState.COMPLETE if outcome == "completed" else TrialState.PRUNED
