"""Many trials written in a few statements: one by one, through Optuna's calls, each of their values takes three.

What is written is what those calls write, into the tables that Optuna's models describe.
"""

import json
from collections.abc import Mapping, Sequence
from copy import copy
from typing import Any

from optuna.distributions import distribution_to_json
from optuna.storages._rdb.models import (
    BaseModel,
    TrialIntermediateValueModel,
    TrialModel,
    TrialParamModel,
    TrialSystemAttributeModel,
    TrialUserAttributeModel,
)
from optuna.trial import FrozenTrial
from sqlalchemy import func, insert, select

from .database import Database

Rows = list[dict[str, Any]]


def add_trials(database: Database, study: int, trials: Sequence[FrozenTrial]) -> list[FrozenTrial]:
    """Add unfinished trials without intermediate values to a study, numbered on in their order; the trials as they now are there.

    Within `Database.alone`, so that nobody else takes the same numbers.
    """
    session = database.scoped_session()
    there = select(func.count()).select_from(TrialModel).where(TrialModel.study_id == study)
    first = session.execute(there).scalar_one()
    models = [_model(study, first + place, trial) for place, trial in enumerate(trials)]
    session.add_all(models)
    session.flush()
    identified = [(int(model.trial_id), trial) for model, trial in zip(models, trials, strict=True)]
    _insert(database, TrialParamModel, [row for identifier, trial in identified for row in _params(identifier, trial)])
    for model, kind in ((TrialUserAttributeModel, "user_attrs"), (TrialSystemAttributeModel, "system_attrs")):
        _insert(database, model, _texts({identifier: getattr(trial, kind) for identifier, trial in identified}))
    return [_stored(trial, first + place, identifier) for place, (identifier, trial) in enumerate(identified)]


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
        asked = TrialModel.trial_id.in_({*values, *attributes})
        for identifier, state in database.scoped_session().execute(select(TrialModel.trial_id, TrialModel.state).where(asked)):
            database.check_trial_is_updatable(identifier, state)
        _insert(database, TrialUserAttributeModel, _texts(attributes))
        _insert(database, TrialIntermediateValueModel, _values(values))


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
    stored = TrialIntermediateValueModel.intermediate_value_to_stored_repr
    columns = ("trial_id", "step", "intermediate_value", "intermediate_value_type")
    return [
        dict(zip(columns, (trial, step, *stored(value)), strict=True))
        for trial, each in values.items()
        for step, value in each.items()
    ]


def _texts(attributes: Mapping[int, Mapping[str, Any]]) -> Rows:
    return [
        {"trial_id": trial, "key": key, "value_json": json.dumps(value)}
        for trial, each in attributes.items()
        for key, value in each.items()
    ]
