"""Trials as points of a picture."""

import numpy as np
import pytest

from hpo.analysis.points import Points, points
from hpo.analysis.reading import read
from hpo.analysis.table import Unanswered

from ..fakes.made_studies import made
from ..fakes.odd_studies import no_trials, still_running
from .studies import study, trial


@pytest.mark.parametrize("direction", ["maximize", "minimize"])
def test_ranks_run_from_the_best_to_the_worst(direction: str) -> None:
    """The best trial has rank 0, the worst 1, equal ones share theirs, and who has no value has none."""
    values = [3.0, 1.0, 2.0, 2.0, 5.0]
    found = points(read(study([trial({"rate": 0.1}, value) for value in values], [direction])), ["rate"])
    assert isinstance(found, Points)
    ranks = [0.25, 1.0, 0.5, 0.5, 0.0]
    assert found.ranks.tolist() == (ranks if direction == "maximize" else [0.75, 0.0, 0.25, 0.25, 1.0])


def test_pruned_trials_have_no_rank() -> None:
    """Only completed trials have values and ranks; the others are there with what became of them."""
    found = points(read(made(50)), ["eta", "lambda"])
    assert isinstance(found, Points)
    assert (np.isnan(found.ranks) == (found.outcomes != "completed")).all()
    assert list(found.boxes) == ["wide", "narrow", "narrowest"]
    assert found.boxes["narrow"]["eta"] == (0.03, 0.3)


def test_what_has_not_ended_is_left_out_and_counted() -> None:
    """Running and waiting trials are no points yet."""
    found = points(read(still_running()), ["x"])
    assert isinstance(found, Points)
    assert (len(found.numbers), found.unfinished) == (6, 2)
    assert points(read(no_trials()), []) == Unanswered("no trial has ended")
