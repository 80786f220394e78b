"""Many trials read in a few statements: Optuna's own call makes an object of each of their rows, which takes four times as long.

What is read is what that call reads, from the tables that Optuna's models describe.
"""

import json
import warnings
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from typing import Any

from optuna.distributions import BaseDistribution, json_to_distribution
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
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

AT_ONCE = 500
"""Trials that one statement names; databases take no list of any length."""

Rows = Mapping[int, Sequence[Any]]
"""Of one table, by trial, as they were written."""


@lru_cache(maxsize=1024)  # A study has few, and each of its trials writes them out.
def _distribution(text: str) -> BaseDistribution:
    with warnings.catch_warnings():
        # Of choices that are lists: whoever reads them can do nothing about it.
        warnings.simplefilter("ignore", UserWarning)
        return json_to_distribution(text)


def read_trials(
    session: Session, study: int, states: Collection[TrialState] | None, included: Collection[int], after: int
) -> list[FrozenTrial]:
    """The trials of a study that are `included` or come `after` an identifier, if in one of the states; by identifier."""
    query = select(TrialModel).where(TrialModel.study_id == study)
    if states is not None:
        query = query.where(TrialModel.state.in_(states))
    if len(included) <= AT_ONCE:
        # The first condition says nothing new, but databases find their way by it.
        query = query.where(TrialModel.trial_id >= min([after + 1, *included]))
        query = query.where(or_(TrialModel.trial_id > after, TrialModel.trial_id.in_(included)))
    trials: Sequence[Any] = session.execute(query.order_by(TrialModel.trial_id)).scalars().all()
    wanted = [trial for trial in trials if trial.trial_id > after or trial.trial_id in included]
    return [
        trial for begin in range(0, len(wanted), AT_ONCE) for trial in _with_their_rows(session, wanted[begin : begin + AT_ONCE])
    ]


def _with_their_rows(session: Session, trials: Sequence[Any]) -> list[FrozenTrial]:
    """The trials with what the other tables have of them. These are read later, so that a trial that has ended is whole."""

    def of(model: type[BaseModel], *columns: str) -> Rows:
        query = select(model.trial_id, *(getattr(model, column) for column in columns))
        found: defaultdict[int, list[Any]] = defaultdict(list)
        query = query.where(model.trial_id.between(identifiers[0], identifiers[-1]), model.trial_id.in_(identifiers))
        asked = query.order_by(*model.__table__.primary_key.columns)
        for trial, *row in session.execute(asked):
            found[trial].append(row)
        return found

    identifiers = [trial.trial_id for trial in trials]
    params = of(TrialParamModel, "param_name", "param_value", "distribution_json")
    values = of(TrialValueModel, "objective", "value", "value_type")
    steps = of(TrialIntermediateValueModel, "step", "intermediate_value", "intermediate_value_type")
    users, systems = (of(model, "key", "value_json") for model in (TrialUserAttributeModel, TrialSystemAttributeModel))
    return [
        _frozen(trial, *(rows.get(trial.trial_id, ()) for rows in (params, values, steps, users, systems))) for trial in trials
    ]


def _frozen(
    trial: Any,
    params: Sequence[Any],
    values: Sequence[Any],
    steps: Sequence[Any],
    users: Sequence[Any],
    systems: Sequence[Any],
) -> FrozenTrial:
    distributions = {name: _distribution(text) for name, _, text in params}
    return FrozenTrial(
        number=trial.number,
        state=trial.state,
        value=None,
        values=[TrialValueModel.stored_repr_to_value(value, kind) for _, value, kind in sorted(values)] or None,
        datetime_start=trial.datetime_start,
        datetime_complete=trial.datetime_complete,
        params={name: distributions[name].to_external_repr(value) for name, value, _ in params},
        distributions=distributions,
        user_attrs={key: json.loads(text) for key, text in users},
        system_attrs={key: json.loads(text) for key, text in systems},
        intermediate_values={
            step: TrialIntermediateValueModel.stored_repr_to_intermediate_value(value, kind) for step, value, kind in steps
        },
        trial_id=trial.trial_id,
    )
