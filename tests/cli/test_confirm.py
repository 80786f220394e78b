"""`hpo study confirm`."""

import json

import optuna
from optuna_dashboard import get_note

from .conftest import SMALL, Call


def test_the_best_are_confirmed(hpo: Call) -> None:
    """A race is shown and stored; the same question again is answered from the record, `study show` has it in one line."""
    assert hpo("study", "run", "cifar-bn", *SMALL, "--engine", "serial").code == 0
    ask = ("study", "confirm", "cifar-bn", "--top", "2", "--seeds", "2", "--engine", "serial")
    first, second = hpo(*ask), hpo(*ask)
    assert first.code == second.code == 0
    assert "after 2 seeds" in first.err
    assert second.err == ""
    assert first.out == second.out
    assert "P(best)" in first.out
    assert "noise: a network's value moves by" in first.out
    shown = hpo("study", "show", "cifar-bn").out
    (line,) = (line for line in shown.splitlines() if line.startswith("confirmed trial"))
    assert "by 2 fresh seeds" in line
    assert "Take " in shown
    assert " on 2 fresh seeds" in shown
    study = optuna.load_study(study_name="cifar-bn", storage="sqlite:///hpo.db")
    assert " on 2 fresh seeds" in get_note(study)
    found = json.loads(hpo(*ask, "--json").out)["confirmation"]
    assert {candidate["rank"] for candidate in found["candidates"]} == {1}
    assert found["look"] == 0


def test_one_seed_is_a_mistake(hpo: Call) -> None:
    """Before anything is looked up, with the reason."""
    done = hpo("study", "confirm", "cifar-bn", "--seeds", "1")
    assert done.code == 2
    assert done.err.startswith("error: a confirmation takes at least 2 seeds, got 1: one network cannot show")
