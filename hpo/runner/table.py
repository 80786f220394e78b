"""The trial table as one number: equal when nothing that a study is about differs."""

import hashlib

import optuna

from ..attributes import canonical, outcome_of, stage_of


def trial_table_hash(study: optuna.Study) -> str:
    """SHA-256 over every trial's number, stage, parameters, state, values, intermediate values and outcome. No times."""
    rows = [
        [
            trial.number,
            stage_of(trial),
            trial.params,
            trial.state.name,
            trial.values,
            sorted(trial.intermediate_values.items()),
            outcome_of(trial),
        ]
        for trial in study.get_trials(deepcopy=False)
    ]
    return hashlib.sha256(canonical(rows).encode()).hexdigest()
