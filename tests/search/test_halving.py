"""Successive halving and Hyperband: decisions that depend on what a cohort has reported, and on nothing else."""

import random
from collections import Counter
from collections.abc import Sequence

import optuna
import pytest
from hypothesis import given
from hypothesis import strategies as st
from optuna.pruners import BasePruner
from optuna.trial import FrozenTrial, TrialState

from hpo.attributes import COHORT, STAGE
from hpo.search.halving import AsynchronousHalving, SuccessiveHalving, hyperband, shared_out


def trial(values: Sequence[float], cohort: int = 0) -> FrozenTrial:
    """An open trial that has reported these values at the rungs 1, 3, 9."""
    return optuna.create_trial(
        state=TrialState.RUNNING, intermediate_values=dict(zip((1, 3, 9), values, strict=False)), user_attrs={COHORT: cohort}
    )


def study(trials: Sequence[FrozenTrial], direction: str = "maximize") -> optuna.Study:
    """A study of these trials."""
    study = optuna.create_study(direction=direction)
    study.add_trials(trials)
    return study


def survivors(pruner: BasePruner, study: optuna.Study, rung: int) -> list[int]:
    """Numbers of the trials at a rung that go on."""
    return [t.number for t in study.trials if t.last_step == rung and not pruner.prune(study, t)]


def test_the_best_third_goes_on() -> None:
    """Of seven trials the best three go on, whatever the order that they are judged in."""
    found = study([trial([value]) for value in (0.1, 0.7, 0.3, 0.6, 0.2, 0.5, 0.4)])
    assert survivors(SuccessiveHalving((1, 3, 9), 3), found, 1) == [1, 3, 5]


def test_lower_is_better_where_the_study_minimises() -> None:
    """The direction of the study decides which end is the better one."""
    found = study([trial([value]) for value in (0.1, 0.7, 0.3)], "minimize")
    assert survivors(SuccessiveHalving((1, 3, 9), 3), found, 1) == [0]


def test_equal_values_go_by_number() -> None:
    """Among equals the earlier trial goes on, so that the decision can be repeated."""
    assert survivors(SuccessiveHalving((1, 3, 9), 3), study([trial([0.5])] * 6), 1) == [0, 1]


def test_a_trial_without_a_finite_value_is_the_worst() -> None:
    """A diverged trial, with no value or with one that is not a number, takes nobody's place and yet counts as pruned."""
    found = study([trial([]), trial([float("nan")]), trial([0.1]), trial([0.2]), trial([float("-inf")]), trial([0.3])])
    assert survivors(SuccessiveHalving((1, 3, 9), 3), found, 1) == [3, 5]


def test_later_rungs_count_from_the_whole_cohort() -> None:
    """At the second rung a ninth of the whole cohort goes on, however many diverged on the way."""
    found = study([trial([0.5, value]) for value in (0.1, 0.2, 0.3, 0.4)] + [trial([0.1])] * 14)
    assert survivors(SuccessiveHalving((1, 3, 9), 3), found, 3) == [2, 3]


def test_cohorts_do_not_compete() -> None:
    """A trial is compared with its own cohort alone."""
    found = study([trial([0.9], 0), trial([0.8], 0), trial([0.2], 1), trial([0.1], 1), trial([0.3], 1)])
    assert survivors(SuccessiveHalving((1, 3, 9), 3), found, 1) == [0, 4]


@pytest.mark.parametrize("values", [[0.1, 0.2, 0.3], []])
def test_nothing_is_pruned_off_the_rungs(values: Sequence[float]) -> None:
    """The last rung is the end of training, and before its first report a trial is not judged."""
    found = study([trial([0.5, 0.5, 0.5])] * 5 + [trial(values)])
    assert not SuccessiveHalving((1, 3, 9), 3).prune(found, found.trials[-1])


@given(
    values=st.lists(st.floats(allow_nan=True, allow_infinity=True), min_size=1, max_size=30),
    factor=st.integers(2, 5),
    brackets=st.integers(1, 3),
    seed=st.randoms(),
)
def test_decisions_do_not_depend_on_order(values: list[float], factor: int, brackets: int, seed: random.Random) -> None:
    """Judged in any order, twice, or among finished trials, the same trials go on; at least one does if any value is finite."""
    found = study([trial([value]) for value in values])
    pruner = SuccessiveHalving((1, 3, 9), factor, brackets)
    once = {t.number: pruner.prune(found, t) for t in found.trials}
    shuffled = seed.sample(found.trials, len(found.trials))
    assert {t.number: pruner.prune(found, t) for t in shuffled} == once
    finite = [number for number, t in enumerate(values) if abs(t) < float("inf")]
    assert not finite or not all(once[number] for number in finite)


def test_shares_of_brackets() -> None:
    """Three brackets with a factor of 3 share 33 trials 18 : 9 : 6 as in the paper, and a part of them as evenly as possible."""
    brackets = shared_out(33, 3, 3)
    assert Counter(brackets) == {0: 18, 1: 9, 2: 6}
    assert Counter(brackets[:11]) == {0: 6, 1: 3, 2: 2}


def test_brackets_start_pruning_one_rung_apart() -> None:
    """At the first rung only the first bracket is pruned, at the second the first two, and the last one never."""
    found = study([trial([0.01 * number]) for number in range(17)])
    pruner = hyperband((1, 3, 9), 3)
    brackets = shared_out(17, 3, 3)
    assert {brackets[t.number] for t in found.trials if pruner.prune(found, t)} == {0}
    found = study([trial([0.5, 0.01 * number]) for number in range(17)])
    assert {brackets[t.number] for t in found.trials if pruner.prune(found, t)} == {0, 1}


@given(curves=st.lists(st.tuples(*[st.integers(0, 20)] * 3), max_size=30), direction=st.sampled_from(["maximize", "minimize"]))
def test_one_by_one_it_decides_as_optunas_own(curves: list[tuple[int, int, int]], direction: str) -> None:
    """Trials that come one after the other are judged by the asynchronous rule as by Optuna's SuccessiveHalvingPruner."""
    ours, theirs = AsynchronousHalving(3), optuna.pruners.SuccessiveHalvingPruner(min_resource=1, reduction_factor=3)
    study = optuna.create_study(direction=direction, sampler=optuna.samplers.RandomSampler(0))
    for curve in curves:
        trial = study.ask()
        for rung, value in zip((1, 3, 9), curve, strict=True):
            trial.report(value, rung)
            frozen = study.get_trials(deepcopy=False)[trial.number]
            pruned = ours.prune(study, frozen)
            assert pruned == theirs.prune(study, frozen)
            if pruned:
                break


def test_one_by_one_stages_do_not_compete() -> None:
    """A trial is compared with those of its own stage: the first of a stage goes on whatever those before it have reached."""
    trials = [trial([value]) for value in (0.9, 0.8, 0.1)]
    for each, stage in zip(trials, ("wide", "wide", "narrow"), strict=True):
        each.user_attrs[STAGE] = stage
    found = study(trials)
    assert [AsynchronousHalving(3).prune(found, each) for each in found.trials] == [False, True, False]
