"""One trial's setting as a study of its own: trained again under fresh seeds, to see what it is worth."""

from typing import Any

from optuna.trial import FrozenTrial

from ..attributes import stage_of
from ..errors import NotFound, UsageError
from ..spec.reading import tree_of
from .stored import StoredStudy

NETWORKS = 5
"""Trained with the setting, each under a seed of its own: enough to see its noise."""


def again(study: StoredStudy, number: int) -> dict[str, Any]:
    """The tree of a study file: the space holds one point, the images and the budget are those of the trial.

    Its seed is another one, so that no network sees the numbers of the trial. Raises NotFound, and UsageError for a trial that
    others have put into the study.
    """
    trial = _trial(study, number)
    tree = tree_of(study.spec)
    stage = next(stage for stage in study.spec.stage if stage.name == stage_of(trial))
    budget = {} if stage.budget is None else {"budget": stage.budget.model_dump(exclude_none=True)}
    search = {key: tree["search"][key] for key in ("metric", "value") if key in tree.get("search", {})}
    return {
        **{key: value for key, value in tree.items() if key not in ("finding", "minutes")},
        "source": f"trial {number} of study '{study.name}'",
        "seed": study.spec.seed + 1,
        "space": {name: {**_option(study, name), "choices": [value]} for name, value in trial.params.items()},
        "search": {**search, "replicates": NETWORKS, "evidence": 0},
        "stage": [{"name": "again", "trials": 1, **budget}],
    }


def _trial(study: StoredStudy, number: int) -> FrozenTrial:
    there = {trial.number: trial for trial in study.optuna.get_trials(deepcopy=False)}
    own = {trial.number: trial for trial in study.now().with_evidence()}
    if number not in there:
        known = f"its trials are 0 to {max(there)}" if there else "it has no trials yet"
        raise NotFound(f"no trial {number} in study '{study.name}': {known}, as `hpo study trials` lists them")
    if number not in own:
        raise UsageError(
            f"--from-trial takes a trial that hpo has asked, got {number}, which others have put into '{study.name}'"
        )
    return own[number]


def _option(study: StoredStudy, name: str) -> dict[str, str]:
    option = study.spec.space[name].option
    return {} if option is None else {"option": option}
