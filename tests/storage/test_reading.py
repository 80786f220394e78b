"""Trials that are read in bulk are those that Optuna's own call reads."""

from collections.abc import Sequence

import optuna
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.storages import RDBStorage
from optuna.trial import FrozenTrial, TrialState

from hpo.storage import Database, reading

SPACE: dict[str, BaseDistribution] = {
    "zeta": FloatDistribution(1e-5, 1, log=True),
    "units": IntDistribution(1, 9),
    "init": CategoricalDistribution(("he", None, 0.5, True)),
}
FLOATS = st.floats(allow_nan=False)
TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=3)
JSON = st.recursive(st.none() | st.booleans() | TEXTS | FLOATS, lambda each: st.lists(each, max_size=2), max_leaves=3)
ATTRIBUTES = st.dictionaries(st.text("abc", min_size=1, max_size=3), JSON, max_size=3)


@st.composite
def trials(draw: st.DrawFn) -> FrozenTrial:
    """A trial of two objectives as anybody may have put it into a storage."""
    state = draw(st.sampled_from(TrialState))
    choices = st.sampled_from(("he", None, 0.5))
    params = {"zeta": draw(st.floats(1e-5, 1)), "units": draw(st.integers(1, 9)), "init": draw(choices)}
    taken = draw(st.sets(st.sampled_from(sorted(SPACE)))) if state != TrialState.WAITING else set()
    return optuna.create_trial(
        state=state,
        values=draw(st.tuples(FLOATS, FLOATS)) if state == TrialState.COMPLETE else None,
        params={name: params[name] for name in SPACE if name in taken},
        distributions={name: SPACE[name] for name in SPACE if name in taken},
        user_attrs=draw(ATTRIBUTES),
        system_attrs=draw(ATTRIBUTES),
        intermediate_values=draw(st.dictionaries(st.integers(0, 5), st.floats(), max_size=3)),
    )


def _fields(found: Sequence[FrozenTrial]) -> list[str]:
    """To compare, with NaN like itself. The order of parameters counts; that of attributes Optuna leaves to the database."""
    return [str([list(trial.params), list(trial.distributions), *map(_ordered, vars(trial).items())]) for trial in found]


def _ordered(field: tuple[str, object]) -> tuple[str, object]:
    name, content = field
    return (name, sorted(content.items())) if isinstance(content, dict) else field


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(trials(), max_size=3), st.sets(st.sampled_from(TrialState)), st.data())
def test_bulk_reads_what_optuna_reads(
    either: Database, there: list[FrozenTrial], states: set[TrialState], data: st.DataObject
) -> None:
    """Every field of every trial, whichever are asked for, beside another study."""
    study, other = (optuna.create_study(storage=either, directions=["minimize", "maximize"]) for _ in range(2))
    other.add_trial(optuna.create_trial(values=[1.0, 2.0]))
    for trial in there:
        study.add_trial(trial)
    identifiers = [trial._trial_id for trial in study.trials] or [1]
    some = data.draw(st.sets(st.sampled_from(identifiers)))
    after = data.draw(st.sampled_from([-1, *identifiers]))
    for wanted in (None, states):
        ours = either._get_trials(study._study_id, wanted, some, after)
        assert _fields(ours) == _fields(RDBStorage._get_trials(either, study._study_id, wanted, some, after))


def test_an_open_trial_hides_none_before_it(either: Database) -> None:
    """A trial may be seen before one of a lower number, which another driver is still about to commit."""
    study = optuna.create_study(storage=either)
    first, second, third = (study.ask()._trial_id for _ in range(3))
    found = either._get_trials(study._study_id, None, {third}, first)
    assert [trial._trial_id for trial in found] == [second, third]


def test_any_number_is_read(either: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """More trials than a statement may name, and more open ones, are read in several."""
    monkeypatch.setattr(reading, "AT_ONCE", 3)
    study = optuna.create_study(storage=either)
    for number in range(10):
        study.add_trial(optuna.create_trial(value=float(number), params={"units": 3}, distributions={"units": SPACE["units"]}))
    identifiers = [trial._trial_id for trial in study.trials]
    cases: list[tuple[set[int], int]] = [
        (set(), -1),
        (set(identifiers[:5]), identifiers[6]),
        (set(identifiers[:2]), identifiers[8]),
    ]
    for included, after in cases:
        ours = either._get_trials(study._study_id, None, included, after)
        assert _fields(ours) == _fields(RDBStorage._get_trials(either, study._study_id, None, included, after))
        assert len(ours) == (10 if after == -1 else len(included) + identifiers[-1] - after)


def test_a_study_that_is_gone_is_an_error(either: Database) -> None:
    """As with Optuna's own call, which its studies rely on."""
    with pytest.raises(KeyError):
        either._get_trials(77, None, set(), -1)
