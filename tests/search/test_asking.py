"""Asking for cohorts: a pure function of what was told before."""

import itertools
import math
import os
import pickle
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import optuna
import pytest
from optuna.trial import FrozenTrial, TrialState

from hpo.search import ask, inside
from hpo.spec import StudySpec

from ..fakes.studies import study_file, told

SAMPLERS = ["random", "qmc", "tpe", "gp", "cmaes"]


def value(params: dict[str, Any]) -> float:
    """A smooth objective: best at eta 0.01 and momentum 0.6."""
    return 1 - 0.1 * math.log(params["eta"] / 0.01) ** 2 - (params["momentum"] - 0.6) ** 2


def rates_that_work(params: dict[str, Any]) -> str:
    """Training diverges above a rate of 0.03: in half of the space."""
    return "diverged" if params["eta"] > 0.03 else "completed"


def searched(
    spec: StudySpec, cohorts: Sequence[int], outcome: Callable[[dict[str, Any]], str] = lambda params: "completed"
) -> list[FrozenTrial]:
    """A search of the first stage in cohorts of these sizes."""
    trials: list[FrozenTrial] = []
    for cohort, size in enumerate(cohorts):
        numbers = range(len(trials), len(trials) + size)
        points = ask(spec, "wide", {}, trials, numbers)
        for number, point in zip(numbers, points, strict=True):
            ended = outcome(point)
            values = [value(point)] if ended == "completed" else []
            trials.append(told(spec, number, point, values=values, outcome=ended, cohort=cohort))
    return trials


def study(sampler: str, **options: Any) -> StudySpec:
    """A study with this sampler that starts to learn early."""
    learning = {"n_startup_trials": 5} if sampler in ("tpe", "gp") else {}
    return study_file(search={"sampler": sampler, "sampler_options": {**learning, **options}})


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_asked_again_it_answers_the_same(sampler: str) -> None:
    """After any number of trials the same question gets the same points: a crash before they are stored changes nothing."""
    spec = study(sampler)
    trials = searched(spec, [6])
    once = ask(spec, "wide", {}, trials, range(6, 8))
    assert ask(spec, "wide", {}, trials, range(6, 8)) == once
    assert len({tuple(point.values()) for point in once}) == 2


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_the_seed_decides(sampler: str) -> None:
    """Another seed gives another search."""
    spec = study(sampler, **({"scramble": True} if sampler == "qmc" else {}))
    other = spec.model_copy(update={"seed": 1})
    assert [t.params for t in searched(spec, [6, 1])] != [t.params for t in searched(other, [6, 1])]


@pytest.mark.parametrize("sampler", SAMPLERS)
def test_points_lie_in_the_box(sampler: str) -> None:
    """A stage's points lie in its box, also after trials from elsewhere, and fit the distributions of the whole space."""
    spec = study(sampler)
    box = {"eta": (0.05, 0.2), "momentum": (0.5, 0.6)}
    points = ask(spec, "narrow", box, searched(spec, [8]), range(8, 11))
    assert all(inside(spec.space, box, point) for point in points)
    assert all(told(spec, 0, point).params == point for point in points)


# A Gaussian process takes most of a second for a point, and needs few.
learners = pytest.mark.parametrize(("sampler", "cohorts"), [("tpe", [6] * 6), ("gp", [6, 3, 3]), ("cmaes", [6] * 6)])


@learners
def test_samplers_learn(sampler: str, cohorts: list[int]) -> None:
    """Samplers that model the objective find better points, in the second half of their trials, than random search."""
    half = sum(cohorts) // 2
    later = [value(trial.params) for trial in searched(study(sampler), cohorts)[half:]]
    at_random = [value(trial.params) for trial in searched(study("random"), [sum(cohorts)])[half:]]
    assert sum(later) / len(later) > sum(at_random) / len(at_random)


@learners
def test_samplers_keep_away_from_divergence(sampler: str, cohorts: list[int]) -> None:
    """Told where training diverges, a sampler goes there in a third of its later trials at the most; chance would in a half."""
    later = searched(study(sampler), cohorts, rates_that_work)[sum(cohorts) // 3 :]
    assert sum(rates_that_work(trial.params) == "diverged" for trial in later) <= len(later) / 3


def test_random_points_depend_on_their_number_alone() -> None:
    """A random trial has the same parameters in whatever cohort it is asked, after whatever trials."""
    spec = study("random")
    together = [trial.params for trial in searched(spec, [9])]
    assert [trial.params for trial in searched(spec, [1, 3, 5])] == together


def test_qmc_fills_the_space_across_cohorts() -> None:
    """A Sobol sequence goes on where the cohort before ended: after its random first point, 15 points take 15 of 16 cells."""
    spec = study("qmc")
    trials = searched(spec, [4, 4, 8])[1:]
    cells = {(int(math.log10(t.params["eta"] * 1000) / 3 * 4), int(t.params["momentum"] / 0.9 * 4)) for t in trials}
    assert len(cells) == 15
    assert [t.params for t in searched(spec, [16])] == [t.params for t in searched(spec, [4, 4, 8])]


def test_trials_of_earlier_stages_count() -> None:
    """What the wide stage told of the box, the sampler of the narrow stage knows: it does not start at random again."""
    spec = study("tpe")
    box = {"eta": (0.003, 1.0)}
    trials = searched(spec, [12], rates_that_work)
    assert ask(spec, "narrow", box, trials, [12]) != ask(spec, "narrow", box, [], [12])
    outside = [trial for trial in trials if trial.params["eta"] < 0.003]
    assert outside
    assert ask(spec, "narrow", box, trials, [12]) == ask(spec, "narrow", box, [t for t in trials if t not in outside], [12])


def test_open_trials_of_the_cohort_count() -> None:
    """The second point of a cohort is not the first one again, though nothing was told between."""
    spec = study("tpe")
    trials = searched(spec, [12])
    points = ask(spec, "wide", {}, trials, range(12, 20))
    rates = sorted(math.log10(point["eta"]) for point in points)
    assert min(later - earlier for earlier, later in itertools.pairwise(rates)) > 1e-3


@pytest.mark.parametrize("sampler", ["qmc", "cmaes"])
def test_replay_takes_in_a_strangers_trial(sampler: str) -> None:
    """A point that someone else has put among the stage's trials, and one that failed, do not stop the replay."""
    spec = study(sampler)
    trials = searched(spec, [4, 4])
    trials[2] = told(spec, 2, {"eta": 0.5, "momentum": 0.1}, values=[0.2])
    trials[3] = told(spec, 3, trials[3].params, values=[], outcome="error")
    points = ask(spec, "wide", {}, trials, range(8, 10))
    assert len(points) == 2
    assert ask(spec, "wide", {}, trials, range(8, 10)) == points


class Bomb:
    """Its pickle makes a folder when it is read."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __reduce__(self) -> tuple[Callable[[Path], None], tuple[Path]]:
        return os.mkdir, (self.folder,)


def test_no_pickle_out_of_a_storage_is_read(tmp_path: Path) -> None:
    """Optuna's CMA-ES keeps itself in trials as a pickle. Who can write into the database must not be able to run code here."""
    spec, folder = study("cmaes"), tmp_path / "made"
    trials = searched(spec, [6, 6])
    for trial in trials:
        trial.system_attrs = {**trial.system_attrs, "cma:optimizer:0": pickle.dumps(Bomb(folder)).hex()}
    assert len(ask(spec, "wide", {}, trials, range(12, 14))) == 2
    assert not folder.exists()
    stock = optuna.create_study(direction="maximize", sampler=optuna.samplers.CmaEsSampler(seed=0))
    stock.add_trials(trials)
    stock.ask(trials[0].distributions)
    assert folder.exists(), "the trap works"


OWN = """
from optuna.samplers import RandomSampler

class Counting(RandomSampler):
    def __init__(self, step=0.0, seed=None):
        super().__init__(seed)
        self.count, self.step = 0, step

    def sample_independent(self, study, trial, name, distribution):
        self.count += 1
        return distribution.low + self.step * self.count
"""


def test_own_sampler_is_replayed(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sampler of the user's own, with a state of its own, goes on where it was, and takes its options."""
    (tmp_path / "own_samplers.py").write_text(OWN)
    monkeypatch.syspath_prepend(str(tmp_path))
    spec = study_file(search={"sampler": "own_samplers:Counting", "sampler_options": {"step": 0.01}})
    trials = searched(spec, [2, 1])
    assert [round(trial.params["momentum"], 6) for trial in trials] == [0.02, 0.04, 0.06]
    assert [point["momentum"] for point in ask(spec, "wide", {}, trials, [3])] == pytest.approx([0.08])
    del sys.modules["own_samplers"]


def test_grid_goes_on_and_ends() -> None:
    """A grid's cohorts take its points in order, and past the last one there is nothing to ask."""
    space = {"eta": {"option": "learning_rate", "values": [0.1, 0.2]}, "momentum": {"values": [0.0, 0.5, 0.9]}}
    spec = study_file(space=space, search={"sampler": "grid"}, stage=[{"name": "wide", "trials": 9}])
    trials = [told(spec, number, point) for number, point in enumerate(ask(spec, "wide", {}, [], range(4)))]
    rest = ask(spec, "wide", {}, trials, range(4, 9))
    assert rest == [{"eta": 0.2, "momentum": 0.5}, {"eta": 0.2, "momentum": 0.9}]
    trials += [told(spec, number, point) for number, point in enumerate(rest, 4)]
    assert ask(spec, "wide", {}, trials, range(6, 9)) == []


def test_told_trials_stay_as_they_are() -> None:
    """Asking changes no trial that it is given."""
    spec = study("tpe")
    trials = searched(spec, [8], rates_that_work)
    before = [repr(trial) for trial in trials]
    ask(spec, "wide", {}, trials, range(8, 10))
    assert [repr(trial) for trial in trials] == before
    assert {trial.state for trial in trials} == {TrialState.COMPLETE, TrialState.PRUNED}
