"""A run: what it asks, what it tells, what it leaves behind."""

import math
from collections import Counter
from collections.abc import Callable
from typing import Any

import optuna
import pytest
from optuna.trial import TrialState

from hpo.attributes import DATA, cohort_of, curves_of, divergence_of, error_of, outcome_of, stage_of
from hpo.engines.processes import Processes
from hpo.engines.serial import Serial
from hpo.errors import AllTrialsFailed, StorageError, UsageError
from hpo.runner import StoredStudy, trial_table_hash
from hpo.runner.events import (
    CohortAsked,
    Event,
    JobProgress,
    Noted,
    RungDone,
    RungStarted,
    RunStarted,
    Settled,
    StageDone,
    StageStarted,
    TrialTold,
)

from ..fakes.studies import images
from .conftest import WORK, train

Make = Callable[..., StoredStudy]

HALVING = {"pruner": "successive-halving"}
GRID_SPACE = {"eta": {"option": "learning_rate", "values": [0.05, 0.1, 0.2]}, "momentum": {"values": [0.0, 0.5]}}


def test_a_study_runs_to_its_end(stored: Make) -> None:
    """Every stage gets its trials, in order, and none stays open."""
    study = stored(search=HALVING)
    summary = train(study)
    assert summary.stopped == "done"
    assert summary.told == 14
    assert [(stage.name, stage.asked, stage.told, stage.missing) for stage in study.stages()] == [
        ("wide", 8, 8, 0),
        ("narrow", 6, 6, 0),
    ]
    assert [stage_of(trial) for trial in study.trials()] == ["wide"] * 8 + ["narrow"] * 6
    assert not study.folder.exists()
    assert train(study).told == 0


def test_stock_optuna_reads_the_study(stored: Make) -> None:
    """States, values, curves, constraints and the metric's name are where Optuna's own tools look for them."""
    study = stored(search=HALVING)
    train(study)
    read = optuna.load_study(study_name="study", storage=study.database.address.url)
    complete = [trial for trial in read.trials if trial.state == TrialState.COMPLETE]
    pruned = [trial for trial in read.trials if trial.state == TrialState.PRUNED]
    assert len(complete) + len(pruned) == 14
    assert read.best_value == max(trial.value for trial in complete if trial.value is not None)
    assert read.metric_names == ["validation_accuracy"]
    assert all(sorted(trial.intermediate_values) == list(range(1, 10)) for trial in complete)
    assert all(trial.last_step in (1, 3) for trial in pruned if outcome_of(trial) == "pruned")
    for trial in read.trials:
        assert trial.constraints == {"diverged": float(outcome_of(trial) == "diverged")}
        assert trial.distributions == {name: parameter.distribution() for name, parameter in study.spec.space.items()}
        assert (outcome_of(trial) == "pruned") <= (trial.value == trial.intermediate_values.get(trial.last_step or 0))


def test_values_are_means_over_replicates(stored: Make) -> None:
    """The value of a trial, and its value at every epoch, is the mean of its replicates, whose curves are kept exactly."""
    study = stored(search={"replicates": 3})
    train(study, trials=4)
    for trial in study.trials():
        curves = curves_of(trial)
        assert [len(curve["epoch"]) for curve in curves] == [9, 9, 9] or outcome_of(trial) == "diverged"
        for epoch, value in trial.intermediate_values.items():
            assert value == sum(curve["validation_accuracy"][epoch - 1] for curve in curves) / 3
    assert len({curve["validation_accuracy"][0] for trial in study.trials() for curve in curves_of(trial)}) == 12


def test_diverged_trials_are_pruned_with_the_reason(stored: Make) -> None:
    """A diverged trial is told at once: pruned, with where and how, its finite epochs, no value, and the constraint."""
    study = stored(stage=[{"name": "wide", "trials": 40}])
    train(study)
    diverged = [trial for trial in study.trials() if outcome_of(trial) == "diverged"]
    assert diverged
    for trial in diverged:
        found = divergence_of(trial)
        assert found is not None
        assert (found.kind, found.step, found.replicate) == ("exploded", 10 * found.epoch, 0)
        assert trial.state == TrialState.PRUNED
        assert sorted(trial.intermediate_values) == list(range(1, found.epoch))
        assert trial.value is None
        assert trial.constraints == {"diverged": 1.0}
        assert curves_of(trial)[0]["epoch"] == list(range(1, found.epoch))


def test_error_of_one_trial_is_its_own(stored: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """A trial whose training raises fails, with the error; those that shared its job, and the rest of the study, go on."""
    monkeypatch.setenv("FAKE_ERROR_BELOW", "0.004")
    study = stored(stage=[{"name": "wide", "trials": 20}])
    summary = train(study)
    failed = [trial for trial in study.trials() if trial.state == TrialState.FAIL]
    assert 0 < len(failed) < 20
    assert all(trial.params["eta"] < 0.004 for trial in failed)
    assert all(trial.params["eta"] >= 0.004 for trial in study.trials() if trial not in failed)
    assert {error_of(trial) for trial in failed} == {"ValueError: this rate is too small"}
    assert summary.outcomes["error"] == len(failed)


def test_a_job_too_large_for_the_memory_is_halved(stored: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where eight lanes do not fit into the memory, four do, and no trial is lost."""
    monkeypatch.setenv("FAKE_MEMORY", "4")
    study = stored(execution={"groups": 1})
    assert train(study).outcomes["completed"] >= 12
    assert not any(error_of(trial) for trial in study.trials())


def test_nothing_but_errors_ends_the_run(stored: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """When every trial of the first cohort fails, the run ends there, with the error of the first one."""
    monkeypatch.setenv("FAKE_ERROR_BELOW", "2")
    study = stored()
    with pytest.raises(AllTrialsFailed, match=r"all 8 trials failed .* trial 0: ValueError: this rate is too small"):
        train(study)
    assert len(study.trials()) == 8


def test_a_metric_that_is_not_finite_is_a_divergence(stored: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """A trial whose metric is not a number at a rung cannot be compared: it is told as diverged, without a step."""
    monkeypatch.setenv("FAKE_NAN_BELOW", "0.05")
    study = stored()
    train(study, trials=8)
    for trial in study.trials():
        found = divergence_of(trial)
        if trial.params["eta"] < 0.05:
            assert found is not None
            assert (found.kind, found.step, found.epoch) == ("non-finite", None, 9)
            assert trial.intermediate_values == {}
            assert math.isnan(curves_of(trial)[0]["validation_accuracy"][0])
        else:
            assert found is None or found.kind == "exploded"


@pytest.mark.parametrize(
    "pruner",
    ["none", "successive-halving", "hyperband", "checked-halving", "median", "percentile", "patient", "threshold", "wilcoxon"],
)
def test_every_pruner_runs(stored: Make, pruner: str) -> None:
    """Each pruner of the study file takes a study to its end, and all but 'none' give up at least one trial."""
    options = {"percentile": {"percentile": 25.0}, "patient": {"patience": 1}, "threshold": {"lower": 0.3}}
    few = {"n_startup_trials": 2} if pruner in ("median", "percentile") else {}
    search = {"pruner": pruner, "pruner_options": {**options.get(pruner, {}), **few}}
    study = stored(search=search, stage=[{"name": "wide", "trials": 24}])
    outcomes = train(study).outcomes
    assert sum(outcomes.values()) == 24
    assert (outcomes.get("pruned", 0) > 0) is (pruner != "none")


@pytest.mark.parametrize("sampler", ["random", "qmc", "tpe", "gp", "cmaes"])
def test_every_sampler_runs(stored: Make, sampler: str) -> None:
    """Each sampler of the study file takes a study of two stages to its end."""
    study = stored(search={"sampler": sampler})
    assert train(study).told == 14
    assert len({tuple(trial.params.values()) for trial in study.trials()}) == 14


def test_narrowed_box_and_its_lineage(stored: Make) -> None:
    """The narrow stage draws from the box around the best three, which is stored with their numbers before its first trial."""
    study = stored()
    assert [stage.box for stage in study.stages()] == [None, None]
    train(study)
    wide, narrow = study.stages()
    assert wide.box == {}
    assert wide.kept == ()
    best = sorted(study.trials("wide"), key=lambda trial: -(trial.value or 0))[:3]
    assert set(narrow.kept) == {trial.number for trial in best}
    assert narrow.box is not None
    low, high = narrow.box["eta"]
    assert low < min(trial.params["eta"] for trial in best) < max(trial.params["eta"] for trial in best) < high
    assert all(low <= trial.params["eta"] <= high for trial in study.trials("narrow"))


def test_nothing_to_narrow_around(stored: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """When fewer than two trials got through, the narrow stage keeps the box of the stage before."""
    monkeypatch.setenv("FAKE_ERROR_BELOW", "0.6")
    box = {"eta": [0.3, 1.0]}
    study = stored(stage=[{"name": "wide", "trials": 6, "box": box}, {"name": "narrow", "trials": 2, "narrow": {"keep": 3}}])
    train(study)
    assert Counter(map(outcome_of, study.trials("wide")))["completed"] < 2
    assert [stage.box for stage in study.stages()] == [{"eta": (0.3, 1.0)}] * 2
    assert study.stages()[1].kept == ()


@pytest.mark.parametrize("asked", [[5, 3, 4, 99], [1] * 14, [13, 1]])
def test_trials_are_asked_as_wanted(stored: Make, asked: list[int]) -> None:
    """A run asks for as many trials as it is given, and random trials are the same whatever runs they are asked in."""
    study, whole = stored(), stored(name="whole")
    train(whole)
    total = 0
    for number in asked:
        summary = train(study, trials=min(number, 14 - total))
        total += summary.told
        assert summary.stopped == ("done" if total == 14 else "trials")
        if total == 14:
            break
    assert [trial.params for trial in study.trials("wide")] == [trial.params for trial in whole.trials("wide")]


def test_past_the_last_stage(stored: Make) -> None:
    """More trials than the stages lack are asked in the box of the last one; without a number there is nothing to ask."""
    study = stored()
    assert train(study, trials=17).told == 17
    assert len(study.trials("narrow")) == 9
    assert train(study).told == 0
    assert train(study, trials=2).told == 2
    box = study.stages()[1].box
    assert box is not None
    assert all(box["eta"][0] <= trial.params["eta"] <= box["eta"][1] for trial in study.trials("narrow"))


@pytest.mark.parametrize(("trials", "missing"), [(4, 0), (9, 0)])
def test_grid_visits_each_point_once(stored: Make, trials: int, missing: int) -> None:
    """A grid's stage ends with its trials or with its points, whichever comes first, and then there is nothing to ask."""
    study = stored(space=GRID_SPACE, search={"sampler": "grid"}, stage=[{"name": "grid", "trials": trials}])
    assert train(study).told == min(6, trials)
    assert study.missing() == missing
    assert len({tuple(trial.params.values()) for trial in study.trials()}) == min(6, trials)
    rest = train(study, trials=5)
    assert (rest.told, rest.stopped) == (6 - min(6, trials), "grid")


def test_epochs_may_be_a_parameter(stored: Make) -> None:
    """Trials of different lengths go through the rungs together, and each ends with its own last epoch."""
    space = {"eta": {"option": "learning_rate", "low": 0.01, "high": 0.2, "log": True}, "epochs": {"low": 2, "high": 9}}
    study = stored(
        space=space, search={"pruner": "threshold", "pruner_options": {"lower": 0.0}}, stage=[{"name": "wide", "trials": 12}]
    )
    train(study)
    assert all(trial.last_step == trial.params["epochs"] for trial in study.trials())
    assert {trial.state for trial in study.trials()} == {TrialState.COMPLETE}


def test_cohorts_are_even(stored: Make) -> None:
    """A stage is cut into cohorts of nearly one size, none larger than the study's."""
    study = stored(execution={"cohort": 6, "groups": 2}, stage=[{"name": "wide", "trials": 13}])
    train(study)
    assert list(Counter(cohort_of(trial) for trial in study.trials()).values()) == [5, 4, 4]


def test_execution_is_decided_once(stored: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """How jobs are cut is stored at the first run, and a machine with other processors does not change it."""
    monkeypatch.setattr("hpo.runner.execution.usable_cores", lambda: 3)
    monkeypatch.setattr("hpo.runner.execution.default_precision", lambda device: "float32")
    study = stored(execution={})
    assert study.execution is None
    train(study, trials=2)
    decided = study.execution
    assert decided is not None
    assert (decided.groups, decided.cohort, decided.device, decided.precision) == (3, 64, "cpu", "float32")
    monkeypatch.setattr("hpo.runner.execution.usable_cores", lambda: 16)
    monkeypatch.setattr("hpo.runner.execution.default_precision", lambda device: "bfloat16")
    train(study, trials=2)
    assert study.execution == decided


def test_other_images_are_refused(stored: Make) -> None:
    """A study that was begun on some images does not go on with others."""
    study = stored()
    train(study, trials=2)
    with pytest.raises(UsageError, match="begun on others") as caught:
        train(study, data=images("1" * 64))
    assert "the version of hpo" not in str(caught.value)


def test_a_study_begun_under_another_decoding_is_told_of_it(stored: Make) -> None:
    """The files may be the same: an earlier version saw them otherwise."""
    study = stored()
    train(study, trials=2)
    begun = dict(study.optuna.user_attrs[DATA])
    del begun["rule"]
    study.optuna.set_user_attr(DATA, begun)
    train(study, trials=1)
    with pytest.raises(UsageError, match="the version of hpo that began the study took them otherwise"):
        train(study, data=images("1" * 64))


@pytest.mark.parametrize(
    ("options", "message"),
    [({"trials": 0}, "at least 1, got 0"), ({"timeout": 0.0}, "above 0 seconds, got 0"), ({"timeout": math.nan}, "got nan")],
)
def test_senseless_budgets_are_refused(stored: Make, options: dict[str, Any], message: str) -> None:
    """A run of no trials or of no time is refused before anything is asked."""
    study = stored()
    with pytest.raises(UsageError, match=message):
        train(study, **options)
    assert study.trials() == []


def test_any_engine_gives_the_same_table(stored: Make) -> None:
    """The trial table does not depend on the engine, nor on the number of workers."""
    found = set()
    for number, engine in enumerate((None, Processes(1, WORK), Processes(3, WORK))):
        study = stored(name=f"{number}", search={**HALVING, "sampler": "tpe", "replicates": 2})
        train(study, engine)
        found.add(trial_table_hash(study.optuna))
    assert len(found) == 1


def test_events_tell_the_story(stored: Make) -> None:
    """The display hears of everything once, in order, and its sums agree with the summary."""
    study = stored(search=HALVING)
    heard: list[Event] = []
    summary = train(study, display=heard.append)
    assert study.execution is not None
    assert heard[:2] == [Settled(study.execution), RunStarted("study", trials=14, told=0, resumed=0)]
    assert [event.stage for event in heard if isinstance(event, StageStarted | StageDone)] == ["wide", "wide", "narrow", "narrow"]
    told = [event for event in heard if isinstance(event, TrialTold)]
    assert sorted(event.number for event in told) == list(range(14))
    assert {(t.number, t.outcome, t.value, t.epochs) for t in told} == {
        (trial.number, outcome_of(trial), trial.value, len(curves_of(trial)[0]["epoch"])) for trial in study.optuna.trials
    }
    assert [event.number for event in told if event.best][-1] == study.optuna.best_trial.number
    assert sum(event.progress.lane_steps for event in heard if isinstance(event, JobProgress)) == summary.lane_steps
    rungs = [event for event in heard if isinstance(event, RungStarted)]
    assert [(event.begin, event.end) for event in rungs] == [(0, 1), (1, 3), (3, 9)] * 2
    assert rungs[0].lane_steps == 8 * (1000 // 100)
    assert [event.live for event in heard if isinstance(event, RungDone)][2::3] == [0, 0]
    assert [event.trials for event in heard if isinstance(event, CohortAsked)] == [tuple(range(8)), tuple(range(8, 14))]


def test_a_note_is_shown_once_a_run(stored: Make) -> None:
    """What every job says of itself is shown with the first of them; how jobs are cut only with the first run."""
    study = stored()
    for trials, settled in ((4, 1), (10, 0)):
        heard: list[Event] = []
        train(study, Serial("fake_training:noting"), trials=trials, display=heard.append)
        assert [event for event in heard if isinstance(event, Noted)] == [Noted("trained by hand")]
        assert sum(isinstance(event, Settled) for event in heard) == settled


def test_a_damaged_storage_is_explained(stored: Make) -> None:
    """When the database fails in the middle of a run, the user gets a message."""
    study = stored()

    def spoil(event: Event) -> None:
        if isinstance(event, JobProgress):
            study.database.close()
            file = study.database.address.file
            assert file is not None
            file.write_bytes(b"not a database any more" * 500)

    with pytest.raises(StorageError, match="file is not a database"):
        train(study, display=spoil)
