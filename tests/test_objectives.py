"""A study as a plain objective, under stock Optuna."""

from pathlib import Path
from typing import Any

import optuna
import pytest
import torch
from optuna.trial import TrialState

import hpo
from hpo.attributes import divergence_of, outcome_of
from hpo.errors import InvalidSpec, NotFound
from hpo.spec import StudySpec, parse


def study_file(**sections: Any) -> StudySpec:
    """A small study on the digits."""
    tree: dict[str, Any] = {
        "title": "A study for tests",
        "data": {"name": "digits", "train": 300, "validation": 100},
        "model": {"name": "mlp", "hidden": [12], "batch_norm": True},
        "training": {"optimizer": "momentum", "epochs": 3, "batch_size": 50, **sections.pop("training", {})},
        "space": {"eta": {"option": "learning_rate", "low": 0.01, "high": 0.5, "log": True}},
        "stage": [{"name": "only", "trials": 4}],
    }
    return parse(tree | sections)


def test_any_study_sampler_pruner_and_storage(tmp_path: Path) -> None:
    """The objective of a built-in runs in a stock study with TPE, a median pruner and SQLite, and reports every epoch."""
    objective = hpo.objective("cifar-bn", data="digits")
    sampler = optuna.samplers.TPESampler(seed=1, n_startup_trials=2)
    pruner = optuna.pruners.MedianPruner(n_startup_trials=2, n_warmup_steps=1)
    storage = f"sqlite:///{tmp_path / 'stock.db'}"
    study = optuna.create_study(storage=storage, sampler=sampler, pruner=pruner, direction="maximize")
    study.optimize(objective, n_trials=8)
    states = [trial.state for trial in study.trials]
    assert set(states) == {TrialState.COMPLETE, TrialState.PRUNED}
    for trial in study.trials:
        assert set(trial.params) == {"eta", "lambda"}
        steps = sorted(trial.intermediate_values)
        assert steps == list(range(1, len(steps) + 1))
        if trial.state is TrialState.COMPLETE:
            assert len(steps) == 10
            assert trial.value == trial.intermediate_values[10]
    assert study.best_value > 0.6


def test_direction_follows_the_metric() -> None:
    """The objective knows the direction of its metric."""
    assert hpo.objective("cifar-bn", data="digits").direction == "maximize"
    assert hpo.objective(study_file(search={"metric": "validation_loss"})).direction == "minimize"


def test_diverged_trials_are_pruned_with_a_constraint() -> None:
    """A diverged trial is pruned, says where, and carries a violated constraint; the others carry a satisfied one."""
    spec = study_file(model={"name": "linear"}, training={"optimizer": "sgd", "l2": 0.5})
    wild = spec.model_copy(update={"space": {"eta": spec.space["eta"].model_copy(update={"low": 0.01, "high": 1e6})}})
    study = optuna.create_study(direction="maximize")
    study.enqueue_trial({"eta": 1e5})
    study.enqueue_trial({"eta": 0.05})
    study.optimize(hpo.objective(wild), n_trials=2)
    diverged, calm = study.trials
    assert diverged.state is TrialState.PRUNED
    assert outcome_of(diverged) == "diverged"
    found = divergence_of(diverged)
    assert found is not None
    assert found.epoch == 1
    assert diverged.constraints == {"diverged": 1.0}
    assert calm.state is TrialState.COMPLETE
    assert calm.constraints == {"diverged": 0.0}


def test_value_is_the_mean_of_the_replicates() -> None:
    """With replicates the value is their mean, and each replicate is the network of that number alone."""
    params = {"eta": 0.1}
    one = hpo.objective(study_file())(optuna.trial.FixedTrial(params))
    both = hpo.objective(study_file(search={"replicates": 2}))(optuna.trial.FixedTrial(params))
    assert both == pytest.approx(one, abs=0.2)
    assert both != one
    assert hpo.objective(study_file())(optuna.trial.FixedTrial(params)) == one


def test_seed_changes_the_networks() -> None:
    """Another seed gives other networks; the same seed the same."""
    first, second, again = (
        hpo.objective(study_file(search={"metric": "validation_loss"}), seed=seed)(optuna.trial.FixedTrial({"eta": 0.1}))
        for seed in (1, 2, 1)
    )
    assert first == again
    assert first != second


def test_threads_are_left_as_they_were() -> None:
    """Training with one thread does not change the process that called it."""
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    hpo.objective(study_file())(optuna.trial.FixedTrial({"eta": 0.1}))
    assert torch.get_num_threads() == 2
    assert (torch.tensor([1e-40]) / 2).item() > 0
    torch.set_num_threads(before)


def test_bad_names() -> None:
    """An unknown study and a broken file give the command line's errors."""
    with pytest.raises(NotFound, match="did you mean 'cifar-bn'"):
        hpo.objective("cifar-bnn")
    with pytest.raises(InvalidSpec, match="learning_rate"):
        study_file(space={"eta": {"option": "learning_rat", "low": 0.1, "high": 1.0}})
