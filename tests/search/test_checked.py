"""Halving that believes early ranks only where trials that were never pruned have shown them to hold."""

from collections.abc import Callable, Sequence

import optuna
import pytest
from hypothesis import given
from hypothesis import strategies as st
from optuna.trial import FrozenTrial, TrialState

from hpo.attributes import COHORT, OUTCOME
from hpo.search.checked import CheckedHalving
from hpo.search.halving import SuccessiveHalving
from tests.search.test_halving import study, survivors, trial

RUNGS = (1, 3, 9)
SPREAD = [place / 10 for place in range(8)]
NOW = tuple([value] for value in SPREAD)


def ended(values: Sequence[float], cohort: int = 0, pruned: bool = False) -> FrozenTrial:
    """A told trial that reported these values at the rungs."""
    state = TrialState.PRUNED if pruned else TrialState.COMPLETE
    return optuna.create_trial(
        state=state,
        value=values[-1],
        intermediate_values=dict(zip(RUNGS, values, strict=False)),
        user_attrs={COHORT: cohort, OUTCOME: "pruned" if pruned else "completed"},
    )


def checked(before: Sequence[FrozenTrial], values: Sequence[Sequence[float]] = NOW) -> list[int]:
    """Places in the last cohort, number 9, that go on at the rung that they have reached."""
    found = study([*before, *(trial(each, 9) for each in values)])
    rung = RUNGS[len(values[0]) - 1]
    kept = survivors(CheckedHalving(RUNGS, 3), found, rung)
    return [number - len(before) for number in kept if number >= len(before)]


def test_the_first_cohort_trains_whole() -> None:
    """Nothing is pruned before anybody has seen that early ranks hold."""
    assert checked([]) == list(range(8))


def test_prunes_where_early_ranks_held() -> None:
    """One third of those that are no witnesses goes on, the best of them; every fourth trial is a witness and goes on, too."""
    assert checked([ended([value, value, value]) for value in SPREAD]) == [0, 4, 6, 7]


@pytest.mark.parametrize("turned", [lambda value: -value, lambda value: (value * 70) % 40], ids=["opposite", "unrelated"])
def test_prunes_nothing_where_early_ranks_did_not_hold(turned: Callable[[float], float]) -> None:
    """Where what leads early does not lead late, all trials go on."""
    before = [ended([turned(value), turned(value), value]) for value in SPREAD]
    assert checked(before) == list(range(8))


def test_a_rung_that_is_not_trusted_does_not_count() -> None:
    """Where only the second rung holds, it keeps a third, as a first one would."""
    before = [ended([-value, value, value]) for value in SPREAD]
    assert checked(before) == list(range(8))
    assert checked(before, [[0.5, value] for value in SPREAD]) == [0, 4, 6, 7]


def test_pruned_trials_and_their_rivals_are_no_witnesses() -> None:
    """In a cohort that was pruned, those that were promoted say nothing: the ranks would be those that pruning left."""
    misled = [ended([value, value, value], place // 8) for place, value in enumerate(SPREAD * 2)]
    pruned = [ended([value], cohort, pruned=True) for cohort in range(2) for value in SPREAD]
    assert checked(sorted([*misled, *pruned], key=lambda each: each.user_attrs[COHORT])) == list(range(8))


def test_too_few_witnesses_prune_nothing() -> None:
    """Five are not enough to tell agreement from luck."""
    assert checked([ended([value, value, value]) for value in SPREAD[:5]]) == list(range(8))


@given(
    early=st.lists(st.floats(0, 1), min_size=8, max_size=8),
    late=st.lists(st.floats(0, 1), min_size=8, max_size=8),
    now=st.lists(st.floats(allow_nan=True), min_size=1, max_size=12),
)
def test_never_harsher_than_successive_halving(early: list[float], late: list[float], now: list[float]) -> None:
    """Whatever the witnesses say, it keeps at least as many as successive halving does, and every witness."""
    before = [ended([one, one, other]) for one, other in zip(early, late, strict=True)]
    found = study([*before, *(trial([value], 9) for value in now)])
    kept = survivors(CheckedHalving(RUNGS, 3), found, 1)
    open_ = {each.number for each in found.trials if each.user_attrs[COHORT] == 9 and each.last_step == 1}
    halved = set(survivors(SuccessiveHalving(RUNGS, 3), found, 1)) & open_
    assert len(halved) <= len(set(kept) & open_)
    assert {number for place, number in enumerate(range(8, 8 + len(now))) if place % 4 == 0} & open_ <= set(kept)
