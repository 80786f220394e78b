"""Points that are tried a second time."""

from collections.abc import Callable
from typing import Any

import pytest
from optuna.trial import TrialState

from hpo.analysis.reading import read
from hpo.attributes import SAME_AS, curves_of, outcome_of, same_as_of, seconds_of
from hpo.engines.processes import Processes
from hpo.runner import StoredStudy, trial_table_hash
from hpo.runner.repeats import earlier

from ..fakes.studies import study_file, told
from .conftest import WORK, train

Make = Callable[..., StoredStudy]

FEW = {"eta": {"option": "learning_rate", "choices": [0.01, 0.1, 0.5]}, "momentum": {"choices": [0.0, 0.5]}}
SECTIONS: dict[str, Any] = {
    "space": FEW,
    "stage": [{"name": "wide", "trials": 12}, {"name": "fine", "trials": 6}],
    "execution": {"groups": 2, "cohort": 5},
}


@pytest.mark.parametrize("search", [{}, {"pruner": "successive-halving"}, {"sampler": "tpe"}, {"sampler": "cmaes"}])
def test_a_point_is_trained_once(stored: Make, search: dict[str, Any]) -> None:
    """Of 18 trials at 6 points at most 6 are trained; the others say whose result they have, and have all of it."""
    study = stored(search=search, **SECTIONS)
    summary = train(study)
    trials = study.trials()
    trained = [trial for trial in trials if same_as_of(trial) is None]
    assert summary.told == len(trials) == 18
    assert len(trained) <= 6
    assert len({tuple(trial.params.items()) for trial in trained}) == len(trained)
    for trial in trials:
        same = same_as_of(trial)
        if same is None:
            continue
        original = trials[same]
        assert same < trial.number
        assert (trial.params, trial.state, trial.values) == (original.params, original.state, original.values)
        assert trial.intermediate_values == original.intermediate_values
        assert (outcome_of(trial), curves_of(trial)) == (outcome_of(original), curves_of(original))
        assert trial.constraints == original.constraints
        assert seconds_of(trial) == 0


def test_repeats_survive_interruptions(stored: Make) -> None:
    """Cut off at any event of the run, and with two workers, the table ends the same."""
    whole = stored(name="whole", **SECTIONS)
    count = [0]

    def counting(event: object) -> None:
        count[0] += 1

    train(whole, Processes(2, WORK), display=counting)
    cut = stored(name="cut", **SECTIONS)
    for place in range(1, count[0], 7):
        left = [place]

        def interrupt(event: object, left: list[int] = left) -> None:
            left[0] -= 1
            if not left[0]:
                raise KeyboardInterrupt

        try:
            train(cut, display=interrupt)
        except KeyboardInterrupt:
            continue
    train(cut)
    assert trial_table_hash(cut.optuna) == trial_table_hash(whole.optuna)


def test_repeats_count_once_in_the_analysis(stored: Make) -> None:
    """What is known of the study is known from the networks that were trained."""
    study = stored(**SECTIONS)
    train(study)
    assert list(read(study.optuna).numbers) == [trial.number for trial in study.trials() if same_as_of(trial) is None]


def test_results_of_another_budget_or_of_an_error_are_not_taken() -> None:
    """A point is trained again with a longer budget, and after an error; a repeat of a repeat names the first."""
    stages = [{"name": "short", "trials": 8, "budget": {"epochs": 2}}, {"name": "wide", "trials": 8}]
    spec = study_file(space=FEW, stage=stages)
    points = [{"eta": eta, "momentum": 0.5} for eta in (0.01, 0.1, 0.5)]
    before = [
        told(spec, 0, points[0], stage="short"), told(spec, 1, points[1], outcome="error"), told(spec, 2, points[2]),
        told(spec, 3, points[2]),
    ]  # fmt: skip
    before[3].user_attrs[SAME_AS] = 2
    assert earlier(spec, "wide", before, [*points, points[1]], range(4, 8)) == [None, None, 2, 5]


def test_a_network_that_fits_alone_is_not_lost(stored: Make, monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    """Networks that fail for want of memory beside others are tried once more, one at a time; the rest fail and say so."""
    marks = tmp_path / "marks"
    marks.mkdir()
    monkeypatch.setenv("FAKE_STARVED", str(marks))
    study = stored(stage=[{"name": "wide", "trials": 6}], execution={"groups": 6})
    assert "error" not in train(study).outcomes
    monkeypatch.setenv("FAKE_MEMORY", "0")
    full = stored(name="full", stage=[{"name": "wide", "trials": 6}])
    with pytest.raises(Exception, match="out of memory, even alone: MemoryError"):
        train(full)
    assert {trial.state for trial in full.trials()} == {TrialState.FAIL}
