"""Study files and told trials for tests that train nothing."""

import tempfile
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import optuna
from optuna.trial import FrozenTrial, TrialState

from hpo.attributes import COHORT, DIVERGENCE, OUTCOME, STAGE
from hpo.data import Prepared
from hpo.runner.verdict import STATES
from hpo.spec import StudySpec, parse

FOLDER = tempfile.TemporaryDirectory()


def study_file(**sections: Any) -> StudySpec:
    """A small study; a section that is given is put over the default one, a list in its place."""
    tree: dict[str, Any] = {
        "title": "A study for tests",
        "data": {"name": "digits"},
        "model": {"name": "linear"},
        "training": {"epochs": 9},
        "space": {
            "eta": {"option": "learning_rate", "low": 0.001, "high": 1.0, "log": True},
            "momentum": {"low": 0.0, "high": 0.9},
        },
        "search": {},
        "stage": [{"name": "wide", "trials": 8}, {"name": "narrow", "trials": 6, "narrow": {"keep": 3}}],
    }
    for name, section in sections.items():
        tree[name] = {**tree.get(name, {}), **section} if isinstance(section, Mapping) and name != "space" else section
    return parse(tree)


def images(sha256: str = "0" * 64) -> Prepared:
    """A data set of 1000 images that are never looked at, in ten classes of a hundred."""
    indices = np.arange(1000)
    return Prepared(Path("images.npy"), _labels(), indices, indices, indices, (1, 8, 8), tuple("abcdefghij"), "unit", sha256)


@cache
def _labels() -> Path:
    file = Path(FOLDER.name) / "labels.npy"
    np.save(file, np.arange(1000) % 10)
    return file


def told(
    spec: StudySpec,
    number: int,
    params: Mapping[str, Any],
    *,
    values: Iterable[float] = (0.5,),
    outcome: str | None = "completed",
    stage: str = "wide",
    cohort: int = 0,
) -> FrozenTrial:
    """A trial as it comes out of the storage; outcome None: it is still open."""
    values = list(values)
    attributes = {STAGE: stage, COHORT: cohort} | ({OUTCOME: outcome} if outcome else {})
    if outcome == "diverged":
        found = {"kind": "exploded", "step": 3, "epoch": len(values) + 1, "cost": 9.0, "first": 2.0, "replicate": 0}
        attributes[DIVERGENCE] = found
    trial = optuna.create_trial(
        state=STATES[outcome] if outcome else TrialState.RUNNING,  # type: ignore[index]  # a literal, for brevity a string here
        value=values[-1] if outcome == "completed" else None,
        params=dict(params),
        distributions={name: spec.space[name].distribution() for name in params},
        intermediate_values=dict(enumerate(values, 1)),
        user_attrs=attributes,
    )
    trial.number = number
    return trial
