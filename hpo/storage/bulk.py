"""Many trials written in a few statements: one by one, through Optuna's calls, each of their values takes three.

What is written is what those calls write, into the tables that Optuna's models describe.
"""

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from copy import copy
from datetime import datetime
from typing import Any, NamedTuple

from optuna.distributions import distribution_to_json
from optuna.storages._rdb.models import (
    BaseModel,
    TrialIntermediateValueModel,
    TrialModel,
    TrialParamModel,
    TrialSystemAttributeModel,
    TrialUserAttributeModel,
    TrialValueModel,
)
from optuna.trial import FrozenTrial, TrialState
from sqlalchemy import delete, insert, select

from .database import Database

Rows = list[dict[str, Any]]

KINDS: Mapping[Any, str] = {TrialUserAttributeModel: "user_attrs", TrialSystemAttributeModel: "system_attrs"}
"""The tables of a trial's attributes, and what Optuna calls them."""


def add_trials(database: Database, study: int, first: int, trials: Sequence[FrozenTrial]) -> list[FrozenTrial]:
    """Add unfinished trials without intermediate values to a study, numbered from `first` on; the trials as they now are there.

    Within `Database.alone`, by who knows that there are so many trials: nobody else may take the same numbers.
    """
    session = database.scoped_session()
    models = [_model(study, first + place, trial) for place, trial in enumerate(trials)]
    session.add_all(models)
    session.flush()
    identified = [(int(model.trial_id), trial) for model, trial in zip(models, trials, strict=True)]
    _insert(database, TrialParamModel, [row for identifier, trial in identified for row in _params(identifier, trial)])
    for model, kind in KINDS.items():
        _insert(database, model, _texts({identifier: getattr(trial, kind) for identifier, trial in identified}))
    return [_stored(trial, first + place, identifier) for place, (identifier, trial) in enumerate(identified)]


def fill_trial(database: Database, identifier: int, trial: FrozenTrial, without: Collection[str] = ()) -> None:
    """Give a stored trial that has no parameters those of another one, and its attributes.

    Attributes that it has under these keys or under `without` go. Optuna's call for a parameter refuses one that the first trial
    of the study has otherwise, whoever put that there.
    """
    for model, kind in KINDS.items():
        keys = [*getattr(trial, kind), *without]
        database.scoped_session().execute(delete(model).where(model.trial_id == identifier, model.key.in_(keys)))
        _insert(database, model, _texts({identifier: getattr(trial, kind)}))
    _insert(database, TrialParamModel, _params(identifier, trial))


def _stored(trial: FrozenTrial, number: int, identifier: int) -> FrozenTrial:
    stored = copy(trial)
    stored.number, stored._trial_id = number, identifier
    return stored


def identifier_of(trial: FrozenTrial) -> int:
    """The key of a stored trial in its storage. Optuna keeps it with the trial; asked by number, it takes a query."""
    return int(trial._trial_id)


def extend_trials(
    database: Database, values: Mapping[int, Mapping[int, float]], attributes: Mapping[int, Mapping[str, Any]]
) -> None:
    """Add intermediate values by step, and user attributes by key, to trials by identifier that have none of these yet.

    Raises UpdateFinishedTrialError for a trial that has ended, and IntegrityError for what is there already.
    """
    with database.transaction():
        _open(database, {*values, *attributes})
        _insert(database, TrialUserAttributeModel, _texts(attributes))
        _insert(database, TrialIntermediateValueModel, _values(values))


class End(NamedTuple):
    """How a trial ends."""

    state: TrialState
    values: Sequence[float] | None
    """Of its objectives; None where it has none to compare."""


def end_trials(database: Database, ends: Mapping[int, End]) -> None:
    """Tell trials, by identifier, that have no values yet. Raises UpdateFinishedTrialError for a trial that has ended."""
    if not ends:
        return
    now = datetime.now()
    with database.transaction():
        for model in _open(database, ends):
            model.state, model.datetime_complete = ends[model.trial_id].state, now
        _insert(database, TrialValueModel, _objectives({identifier: end.values or () for identifier, end in ends.items()}))


def reopen_trials(database: Database, trials: Iterable[int], told: Collection[str]) -> None:
    """Have trials, by identifier, as they were asked: open, without values and without the user attributes that were `told`.

    Optuna has no call for it; who has read them before must read them anew. Within `Database.transaction`.
    """
    session, wanted = database.scoped_session(), list(trials)
    for trial in session.execute(select(TrialModel).where(TrialModel.trial_id.in_(wanted))).scalars():
        trial.state, trial.datetime_complete = TrialState.RUNNING, None
    for values in (TrialValueModel, TrialIntermediateValueModel):
        session.execute(delete(values).where(values.trial_id.in_(wanted)))
    attributes = TrialUserAttributeModel
    session.execute(delete(attributes).where(attributes.trial_id.in_(wanted), attributes.key.in_(told)))


def _open(database: Database, identifiers: Iterable[int]) -> list[Any]:
    """The records of trials, kept from being changed by others. Raises UpdateFinishedTrialError for a trial that has ended."""
    asked = select(TrialModel).where(TrialModel.trial_id.in_(identifiers)).order_by(TrialModel.trial_id).with_for_update()
    found: list[Any] = list(database.scoped_session().execute(asked).scalars())
    for model in found:
        database.check_trial_is_updatable(model.trial_id, model.state)
    return found


def _insert(database: Database, model: type[BaseModel], rows: Rows) -> None:
    if rows:
        database.scoped_session().execute(insert(model), rows)


def _model(study: int, number: int, trial: FrozenTrial) -> TrialModel:
    return TrialModel(study_id=study, number=number, state=trial.state, datetime_start=trial.datetime_start)


def _params(identifier: int, trial: FrozenTrial) -> Rows:
    return [
        {
            "trial_id": identifier,
            "param_name": name,
            "param_value": distribution.to_internal_repr(trial.params[name]),
            "distribution_json": distribution_to_json(distribution),
        }
        for name, distribution in trial.distributions.items()
    ]


def _values(values: Mapping[int, Mapping[int, float]]) -> Rows:
    columns = ("step", "intermediate_value", "intermediate_value_type")
    stored = TrialIntermediateValueModel.intermediate_value_to_stored_repr
    return _numbers(columns, stored, {trial: each.items() for trial, each in values.items()})


def _objectives(values: Mapping[int, Sequence[float]]) -> Rows:
    columns = ("objective", "value", "value_type")
    return _numbers(columns, TrialValueModel.value_to_stored_repr, {trial: enumerate(each) for trial, each in values.items()})


def _numbers(
    columns: Sequence[str], stored: Callable[[float], tuple[Any, Any]], values: Mapping[int, Iterable[tuple[int, float]]]
) -> Rows:
    """Floats by trial and place, as `stored` writes those that are not finite."""
    return [
        dict(zip(("trial_id", *columns), (trial, place, *stored(value)), strict=True))
        for trial, each in values.items()
        for place, value in each
    ]


def _texts(attributes: Mapping[int, Mapping[str, Any]]) -> Rows:
    return [
        {"trial_id": trial, "key": key, "value_json": json.dumps(value)}
        for trial, each in attributes.items()
        for key, value in each.items()
    ]
