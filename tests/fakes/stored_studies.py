"""Studies from memory in an SQLite file, also those that Optuna's own writing would refuse: lists that changed, say."""

import sqlite3
from pathlib import Path
from typing import Any

import optuna
from optuna import Study
from optuna.distributions import BaseDistribution, CategoricalDistribution, distribution_to_json

from hpo.analysis.choices import identity


def internal(distribution: BaseDistribution, value: Any) -> float:
    """How a storage holds a value; of choices that are equal and of different types, 0 and False, Optuna takes the first."""
    if isinstance(distribution, CategoricalDistribution):
        return [identity(choice) for choice in distribution.choices].index(identity(value))
    return distribution.to_internal_repr(value)


def put(source: Study, name: str, file: Path) -> None:
    """The study under a name in the file, its parameters written past Optuna's check that their distributions never change."""
    storage = f"sqlite:///{file}"
    made = optuna.create_study(study_name=name, storage=storage, directions=source.directions)
    for key, value in source.user_attrs.items():
        made.set_user_attr(key, value)
    if source.metric_names:
        made._storage.set_study_system_attr(made._study_id, "study:metric_names", source.metric_names)
    there_before, trials = source.get_trials(deepcopy=False), source.get_trials()
    rows = []
    for trial in trials:
        params, trial.params, trial._distributions = trial.params, {}, {}
        made.add_trial(trial)
        there = made._storage.get_trial_id_from_study_id_trial_number(made._study_id, trial.number)
        distributions = there_before[trial.number].distributions
        for key, value in params.items():
            rows.append((there, key, internal(distributions[key], value), distribution_to_json(distributions[key])))
    with sqlite3.connect(file) as connection:
        connection.executemany(
            "insert into trial_params (trial_id, param_name, param_value, distribution_json) values (?, ?, ?, ?)", rows
        )
    connection.close()
