"""The trial table as one number: equal when nothing that a study is about differs."""

import hashlib

import optuna

from ..attributes import canonical, evidence_of, networks_of, outcome_of, place_of, stage_of
from ..ownership import Ownership


def trial_table_hash(study: optuna.Study) -> str:
    """SHA-256 over the place, stage, parameters, state, values, intermediate values and outcome of hpo's trials. No times.

    A trial's place is how many of hpo's were asked before it: what others put into the study changes nothing. Evidence comes
    with what it is for and which networks it has.
    """
    rows = [
        [
            place_of(trial),
            stage_of(trial),
            trial.params,
            trial.state.name,
            trial.values,
            sorted(trial.intermediate_values.items()),
            outcome_of(trial),
            *((evidence_of(trial), networks_of(trial)) if evidence_of(trial) else ()),
        ]
        for trial in Ownership.of(study.user_attrs).all(study.get_trials(deepcopy=False))
    ]
    return hashlib.sha256(canonical(rows).encode()).hexdigest()
