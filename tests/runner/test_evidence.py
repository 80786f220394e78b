"""Trials after the search: on fresh networks, apart from the search, and as exact as any."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from optuna.trial import FrozenTrial, TrialState

from hpo.analysis.metrics import replicates
from hpo.analysis.reading import read
from hpo.attributes import cohort_of, curves_of, evidence_of, networks_of, place_of, same_as_of
from hpo.engines.processes import Processes
from hpo.engines.serial import Serial
from hpo.runner import Batch, StoredStudy, gather, load, retry_errors, sharing, trial_table_hash
from hpo.runner.events import Event, StageDone, TrialTold
from hpo.runner.stored import Moment
from hpo.storage import connect

from ..fakes.gathering import batches
from ..fakes.studies import images
from .conftest import WORK, train
from .test_crashes import crash, drive

Make = Callable[..., StoredStudy]

SEARCHES: dict[str, dict[str, Any]] = {
    "random": {"pruner": "successive-halving"},
    "checked": {"pruner": "checked-halving", "replicates": 2},
    "median": {"pruner": "median", "pruner_options": {"n_startup_trials": 2}},
    "tpe": {"sampler": "tpe", "sampler_options": {"n_startup_trials": 4}},
    "qmc": {"sampler": "qmc", "pruner": "successive-halving"},
}


PASSED = (
    "within the cohort's transaction",
    "after the cohort is taken, before its trials are stored",
    "before a job",
    "within a checkpoint",
    "after the checkpoints of a job",
    "after the decisions, before the report",
    "within the report",
    "after the last tell, before the commit",
    "after the report",
    "before the lease is given back",
)
"""Points of hpo.testing.crashes, in an order in which evidence that goes on passes each."""


def gathered(study: StoredStudy, asking: Callable[[Moment], Batch | None] = batches, **options: Any) -> StoredStudy:
    """The study after its evidence, with the fake training in this process."""
    with Serial(WORK) as engine:
        gather(study, images(), engine, asking, **options)
    return study


def rows(study: StoredStudy) -> list[tuple[Any, ...]]:
    """What the search's trials are, by place; not their numbers, which those in between change."""
    return [
        (place_of(t), t.params, t.state, t.values, t.intermediate_values, t.user_attrs.get("hpo:curves:0:0"))
        for t in study.trials()
    ]


@pytest.mark.parametrize("search", list(SEARCHES))
def test_a_search_goes_on_as_if_there_were_no_evidence(stored: Make, search: str) -> None:
    """More trials after evidence are those that would have been asked without it; so are its stages, with narrowed boxes."""
    sections = {"search": SEARCHES[search], "execution": {"groups": 2, "cohort": 4}, "training": {"epochs": 3}}
    without, study = stored(name="without", **sections), stored(name="with", **sections)
    train(without)
    train(study, gathering=batches)
    assert len(study.evidence()) == 5
    assert rows(study) == rows(without)
    assert study.stages() == without.stages()
    for each in (without, study):
        train(each, trials=7)
    assert len(study.trials()) == 21
    assert rows(study) == rows(without)


def test_evidence_between_stages_changes_none(stored: Make) -> None:
    """Evidence while the search has stages to go neither counts for them nor for the box that is narrowed next."""
    without, study = stored(name="without"), stored(name="with")

    def best_again(now: Moment) -> Batch | None:
        best = max(now.trials(), key=lambda trial: (trial.values or [0.0])[0])
        return None if len(now.evidence) else Batch("answer", "wide", [best.params], 3, "evidence: the best again")

    for each in (without, study):
        train(each, trials=8)
    gathered(study, best_again)
    assert (study.missing(), len(study.evidence())) == (6, 1)
    for each in (without, study):
        train(each)
    assert rows(study) == rows(without)


def test_networks_are_fresh_and_points_are_trained_again(stored: Make) -> None:
    """Every batch has replicates that no trial had; a point that was tried is trained, not told; nothing prunes it."""
    study = stored(search={"pruner": "successive-halving", "replicates": 3})
    train(study, gathering=batches)
    evidence = study.evidence()
    assert [(evidence_of(trial), networks_of(trial)) for trial in evidence] == [
        *[("answer", (3, 4))] * 2,
        *[("claims", (5,))] * 3,
    ]
    first = study.trials("narrow")[0]
    assert evidence[0].params == first.params == evidence[2].params
    assert all(same_as_of(trial) is None for trial in evidence)
    values = {value for trial in (first, evidence[0], evidence[2]) for value in trial.intermediate_values.values()}
    assert len(values) == sum(len(trial.intermediate_values) for trial in (first, evidence[0], evidence[2]))
    ended = {TrialState.COMPLETE} | {TrialState.PRUNED for trial in evidence if trial.user_attrs["hpo:outcome"] == "diverged"}
    assert {trial.state for trial in evidence} <= ended
    assert all(trial.last_step == 9 for trial in evidence if trial.state == TrialState.COMPLETE)
    assert len(curves_of(evidence[0])) == 2


def test_a_table_tells_evidence_apart(stored: Make) -> None:
    """The table has evidence with its purpose, its own columns of networks, and spared by pruners; `search` is without."""
    study = stored(search={"pruner": "successive-halving", "replicates": 2})
    train(study, gathering=batches)
    table = read(study.optuna)
    after = table.evidence != ""
    assert list(table.evidence[after]) == ["answer"] * 2 + ["claims"] * 3
    assert list(table.first_network[after]) == [2] * 2 + [4] * 3
    assert table.spared[after].all()
    assert not table.spared[~after].any()
    assert set(table.looks.values()) == {("key",)}
    assert len(table.search) == len(study.trials()) == len(table) - 5
    known = np.isfinite(replicates(table, table.metric)) & table.completed[:, None]
    assert known.shape[1] == 5
    assert not known[~after, 2:].any()
    assert not known[after, :2].any()


def test_counts_and_best_are_of_the_search(stored: Make) -> None:
    """A run counts evidence apart, and neither its best trial nor a stage's end is told of it."""
    events: list[Event] = []
    study = stored(stage=[{"name": "wide", "trials": 8}])
    summary = train(study, gathering=batches, display=events.append)
    assert (summary.told, summary.evidence, summary.stopped) == (8, 5, "done")
    told = [event for event in events if isinstance(event, TrialTold)]
    assert [event.evidence for event in told] == [None] * 8 + ["answer"] * 2 + ["claims"] * 3
    assert not any(event.best for event in told if event.evidence)
    assert sum(isinstance(event, StageDone) for event in events) == 1
    assert (len(study.trials()), study.stages()[0].told, study.missing()) == (8, 8, 0)


def test_no_evidence_while_the_search_lacks_trials(stored: Make) -> None:
    """A run of so many trials asks for none, even where it fills the last stage; the next plain run does."""
    study = stored()
    train(study, trials=3, gathering=batches)
    train(study, trials=11, gathering=batches)
    assert (study.missing(), len(study.evidence())) == (0, 0)
    train(study, gathering=batches)
    assert len(study.evidence()) == 5


def test_any_number_of_workers_gives_the_same(stored: Make) -> None:
    """In this process or in two others: one table."""
    sections: dict[str, Any] = {"search": SEARCHES["random"], "execution": {"groups": 2, "cohort": 4}}
    whole, study = stored(name="serial", **sections), stored(name="processes", **sections)
    train(whole, gathering=batches)
    train(study, Processes(2, WORK), gathering=batches)
    assert trial_table_hash(study.optuna) == trial_table_hash(whole.optuna)


def test_interrupted_at_every_event(stored: Make) -> None:
    """Stopped again and again, at whatever event, evidence ends as if it had not been."""
    sections: dict[str, Any] = {"search": SEARCHES["checked"], "execution": {"cohort": 4, "groups": 2}}
    whole, study = stored(name="whole", **sections), stored(name="stopped", **sections)
    train(whole, gathering=batches)
    train(study)
    for count in range(60):
        heard = 0

        def interrupt(event: Event, last: int = 5 + count % 11) -> None:
            nonlocal heard
            heard += 1
            if heard == last:
                raise KeyboardInterrupt

        try:
            train(study, gathering=batches, display=interrupt)
            break
        except KeyboardInterrupt:
            continue
    else:
        pytest.fail("the evidence made no way")
    assert trial_table_hash(study.optuna) == trial_table_hash(whole.optuna)


@pytest.mark.slow
def test_killed_at_named_points(stored: Make) -> None:
    """kill -9 while evidence is asked, trained, kept and told: the next run ends with the table of one that was not killed."""
    sections: dict[str, Any] = {"search": SEARCHES["random"], "execution": {"groups": 2, "cohort": 4}}
    whole, study = stored(name="whole", **sections), stored(name="killed", **sections)
    train(whole, gathering=batches)
    train(study)
    for point in PASSED:
        crash(study, point, 1, "evidence")
    output, errors = drive(study, 2, "-", 1, "evidence").communicate(timeout=60)
    assert output.split() == ["begun", trial_table_hash(whole.optuna)], errors


def test_two_drivers_give_what_one_gives(stored: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two drivers at once ask for each batch once; both return when there is no more."""
    monkeypatch.setattr(sharing, "LOOKED_EVERY", 0.05)
    sections: dict[str, Any] = {"search": SEARCHES["random"], "execution": {"groups": 2, "cohort": 4}}
    whole, study = stored(name="whole", **sections), stored(name="shared", **sections)
    train(whole, gathering=batches)
    monkeypatch.setenv("FAKE_SECONDS", "0.005")

    def drive_on(_: int) -> int:
        own = load(connect(study.database.address.url, "write"), study.name)
        return train(own, gathering=batches).evidence

    with ThreadPoolExecutor(2) as threads:
        assert sum(threads.map(drive_on, range(2))) == 5
    assert trial_table_hash(study.anew().optuna) == trial_table_hash(whole.optuna)
    assert cohorts(study.anew().evidence()) == 2


def test_evidence_that_failed_is_trained_again(stored: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """--retry-errors opens it under its own numbers, and the next run ends with the table of one without errors."""
    whole, study = stored(name="whole"), stored(name="failed")
    train(whole, gathering=batches)
    train(study)
    monkeypatch.setenv("FAKE_ERROR_BELOW", "2")
    gathered(study)
    assert {trial.user_attrs["hpo:outcome"] for trial in study.anew().evidence()} == {"error"}
    monkeypatch.delenv("FAKE_ERROR_BELOW")
    again = retry_errors(study.anew())
    assert len(again.trials) == 5
    train(again.study, gathering=batches)
    assert trial_table_hash(study.anew().optuna) == trial_table_hash(whole.optuna)


def cohorts(trials: "Any") -> int:
    """How many cohorts these trials are of."""
    found: list[FrozenTrial] = list(trials)
    return len({cohort_of(trial) for trial in found})
