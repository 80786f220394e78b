"""Confirming a study, with the fake training."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict

import pytest
from optuna.trial import TrialState

from hpo.attributes import CONFIRMATIONS
from hpo.confirming import best_trial, candidates, confirm, fresh_data
from hpo.engines import JobFailure, OnProgress
from hpo.engines.processes import Processes
from hpo.engines.serial import Serial
from hpo.errors import HpoError, UsageError
from hpo.race import Candidate, Confirmation, confirmations
from hpo.runner import StoredStudy
from hpo.seeds import derive
from hpo.training.job import Job, JobResult

from ..fakes.studies import images
from ..runner.conftest import WORK, train

Make = Callable[..., StoredStudy]


class Counting(Serial):
    """Counts lanes, and is interrupted once it has trained so many."""

    def __init__(self, most: int = 10**6) -> None:
        super().__init__(WORK)
        self.lanes = 0
        self.most = most

    def run(self, jobs: Sequence[Job], on_progress: OnProgress) -> Iterator[tuple[int, JobResult | JobFailure]]:
        """Each job's index and outcome, in order."""
        for outcome in super().run(jobs, on_progress):
            if self.lanes >= self.most:
                raise KeyboardInterrupt
            self.lanes += len(jobs[outcome[0]].lanes)
            yield outcome


def confirmed(study: StoredStudy, engine: Serial | Processes | None = None, top: int = 3, seeds: int = 7) -> Confirmation:
    """Confirm a study now."""
    with engine or Serial(WORK) as entered:
        return confirm(study, images(), entered, candidates(study, top), top, seeds, lambda found: None)


@pytest.fixture
def ran(stored: Make) -> StoredStudy:
    """A study that has been run."""
    study = stored()
    train(study)
    return study


def test_candidates_are_the_best_points_once(ran: StoredStudy) -> None:
    """The best completed trials by value; no more than there are."""
    complete = [trial for trial in ran.trials() if trial.state == TrialState.COMPLETE]
    best = sorted(complete, key=lambda trial: -(trial.value or 0))
    assert [trial.number for trial in candidates(ran, 3)] == [trial.number for trial in best[:3]]
    assert len(candidates(ran, 100)) == len(complete)


def test_only_trials_of_the_last_budget_are_candidates(stored: Make) -> None:
    """What was reached with another budget says nothing of this one."""
    budget = {"epochs": 4}
    study = stored(stage=[{"name": "wide", "trials": 8, "budget": budget}, {"name": "fine", "trials": 3}])
    train(study)
    assert {trial.number for trial in candidates(study, 20)} <= {8, 9, 10}


def test_result_is_on_record(ran: StoredStudy) -> None:
    """What is read back equals what was found; nothing is left on the disk; the trials are as they were."""
    before = ran.trials()
    found = confirmed(ran)
    assert confirmations(ran.optuna.user_attrs) == [found]
    assert [len(candidate.values) for candidate in found.candidates].count(7) >= 1
    assert found.seed == derive(ran.spec.seed, "confirm", 0)
    assert not ran.folder.exists()
    assert [trial.params for trial in ran.trials()] == [trial.params for trial in before]


def test_every_look_has_seeds_and_a_split_of_its_own(ran: StoredStudy) -> None:
    """A second confirmation trains other networks on other images; the search's own split is used by none."""
    splits = [ran.spec.data.split_seed, fresh_data(ran).split_seed]
    first = confirmed(ran)
    splits.append(fresh_data(ran).split_seed)
    second = confirmed(ran)
    assert len(set(splits)) == 3
    assert (first.look, second.look) == (0, 1)
    assert first.candidates[0].values != second.candidates[0].values


def test_any_engine_gives_the_same(stored: Make) -> None:
    """Two worker processes find what this process finds."""
    found = []
    for name, engine in (("one", Serial(WORK)), ("two", Processes(2, WORK))):
        study = stored(name=name)
        train(study)
        found.append(confirmed(study, engine).candidates)
    assert found[0] == found[1]


def test_an_interrupted_race_goes_on(ran: StoredStudy) -> None:
    """Interrupted, nothing is on record; the next call trains what was left, and ends with what one race would have found."""
    stopped, rest = Counting(most=5), Counting()
    with pytest.raises(KeyboardInterrupt):
        confirmed(ran, stopped)
    assert confirmations(ran.optuna.user_attrs) == []
    found = confirmed(ran, rest)
    assert stopped.lanes + rest.lanes == sum(len(candidate.values) for candidate in found.candidates)
    again = confirmed(ran)
    assert again.look == 1
    assert found.lane_steps < again.lane_steps


def test_a_damaged_checkpoint_is_made_again(stored: Make) -> None:
    """A network of an interrupted race whose record has changed on the disk is trained again, which is said once."""
    whole, study = stored(name="whole"), stored(name="damaged")
    train(whole)
    train(study)
    with pytest.raises(KeyboardInterrupt), Counting(most=3) as engine:
        confirm(study, images(), engine, candidates(study, 3), 3, 7, lambda found: None)
    file = min((study.folder / "confirmation-0").iterdir())
    file.write_bytes(file.read_bytes().replace(b"0.1", b"0.2", 1))
    notes: list[str] = []
    with Serial(WORK) as engine:
        found = confirm(study, images(), engine, candidates(study, 3), 3, 7, lambda found: None, notes.append)
    (note,) = notes
    assert note.startswith("1 checkpoint of trial ")
    assert [one.values for one in found.candidates] == [one.values for one in confirmed(whole).candidates]


def test_an_error_leaves_no_record(ran: StoredStudy, monkeypatch: pytest.MonkeyPatch) -> None:
    """A network that fails with an error ends the confirmation with that error."""
    monkeypatch.setenv("FAKE_ERROR_BELOW", "2")
    with pytest.raises(HpoError, match=r"one of trial .* failed: ValueError: this rate is too small"):
        confirmed(ran)
    assert confirmations(ran.optuna.user_attrs) == []


def on_record(study: StoredStudy, look: int, values: dict[int, float]) -> None:
    """Put a confirmation on record whose candidates reached these values."""
    made = Confirmation(look, len(values), 3, 1, 800, 200, 0, 0.0, "", ())
    study.optuna.set_user_attr(f"{CONFIRMATIONS}:{look}", {**asdict(made), "candidates": list(values)})
    for trial, value in values.items():
        candidate = Candidate(trial, {}, 0.9, (value, value + 0.001, value - 0.001))
        study.optuna.set_user_attr(f"{CONFIRMATIONS}:{look}:{trial}", asdict(candidate))


def test_the_winner_is_the_best_from_then_on(ran: StoredStudy) -> None:
    """Before a confirmation the search's leader is the best trial, after it the winner; a later leader was not confirmed."""
    leader, second, third = (trial.number for trial in candidates(ran, 3))
    assert best_trial(ran).number == leader
    on_record(ran, 0, {leader: 0.8, second: 0.9, third: 0.7})
    assert best_trial(ran).number == second
    on_record(ran, 1, {second: 0.7, third: 0.8})
    assert best_trial(ran).number == leader


def test_faults_are_told(stored: Make, ran: StoredStudy) -> None:
    """One seed, no candidate, no trial: each with its reason."""
    with pytest.raises(UsageError, match="at least 2 seeds, got 1: one network cannot show how much"):
        confirmed(ran, seeds=1)
    with pytest.raises(UsageError, match="at least 1, got 0"):
        candidates(ran, 0)
    with pytest.raises(UsageError, match="a completed trial to confirm, got none among 0"):
        candidates(stored(name="fresh"), 3)
