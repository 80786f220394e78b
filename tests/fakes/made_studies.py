"""Studies that nobody trained: the trials of a made-up truth, as hpo's runner would have stored them, in a moment."""

from datetime import datetime, timedelta
from typing import Any

import numpy as np
import optuna
from numpy.random import Generator
from optuna.trial import FrozenTrial, TrialState

from hpo import attributes
from hpo.spec import StudySpec, loads
from hpo.training.job import EpochMetrics

EPOCHS = 10
RUNGS = (1, 3, EPOCHS)
BEGAN = datetime(2026, 3, 1, 12, 0)
STATES = {"completed": TrialState.COMPLETE, "pruned": TrialState.PRUNED, "diverged": TrialState.PRUNED}

SPEC = """
title = "Learning rate, L2 strength and size of a small network <made up>"
source = "A truth of our own: the best learning rate is 0.1, L2 above 0.003 hurts, momentum gains a point"
data = { name = "digits", train = 1_000, validation = 400 }
model = { name = "cnn", blocks = 1, dense = 16 }
training = { epochs = 10, schedule = { name = "exponential", decay = 0.8 } }
search = { sampler = "random", pruner = "successive-halving" }
[space]
eta = { option = "learning_rate", low = 0.001, high = 1.0, log = true }
lambda = { option = "l2", low = 1e-6, high = 0.1, log = true }
filters = { low = 8, high = 64, log = true }
batch_size = { low = 16, high = 128, log = true }
optimizer = { choices = ["sgd", "momentum"] }
[[stage]]
name = "wide"
trials = 20
[[stage]]
name = "narrow"
trials = 15
box = { eta = [0.03, 0.3], lambda = [1e-5, 1e-2] }
[[stage]]
name = "narrowest"
trials = 15
box = { eta = [0.07, 0.2], lambda = [1e-5, 1e-3] }
[[finding]]
claim = "The best learning rates lie between 0.05 and 0.2"
test = { kind = "best-region", parameter = "eta", low = 0.05, high = 0.2, top = 5 }
"""


def made(trials: int = 50, *, prune: bool = True, known: bool = True, seed: int = 0) -> optuna.Study:
    """A study in memory of so many trials, in three stages in the proportions 4 to 3 to 3.

    prune: successive halving in cohorts of up to 64 trials. known: with the study file and the attributes of hpo; without,
    as a user's own script would have stored it: values and reports alone, and NaN where training diverged.
    """
    random, spec = np.random.default_rng(seed), loads(SPEC)
    study = optuna.create_study(direction="maximize", study_name="made", sampler=optuna.samplers.RandomSampler(0))
    if known:
        _store(study, spec, trials)
    number = 0
    for stage, size in _sizes(spec, trials).items():
        for begin in range(0, size, 64):
            cohort = number // 64
            points = [_point(random, spec, stage) for _ in range(min(64, size - begin))]
            found = _trained(random, points, prune)
            frozen = [_frozen(number + i, points[i], *found[i], (stage, cohort), spec, known) for i in range(len(points))]
            study.add_trials(frozen)
            number += len(points)
    return study


def _store(study: optuna.Study, spec: StudySpec, trials: int) -> None:
    sized = [
        stage.model_copy(update={"trials": size}) for stage, size in zip(spec.stage, _sizes(spec, trials).values(), strict=True)
    ]
    spec = spec.model_copy(update={"stage": tuple(stage for stage in sized if stage.trials)})
    study.set_user_attr(attributes.SPEC, {"version": 2, "study": spec.model_dump(mode="json")})
    study.set_user_attr(attributes.UID, "0" * 32)
    boxes = {stage.name: {"box": {name: list(ends) for name, ends in stage.box.items()}, "kept": []} for stage in spec.stage}
    study.set_user_attr(attributes.BOXES, boxes)


def _sizes(spec: StudySpec, trials: int) -> dict[str, int]:
    wide, narrow = round(0.4 * trials), round(0.3 * trials)
    return dict(zip((stage.name for stage in spec.stage), (wide, narrow, trials - wide - narrow), strict=True))


def _point(random: Generator, spec: StudySpec, stage: str) -> dict[str, Any]:
    box = next(one.box for one in spec.stage if one.name == stage)
    point: dict[str, Any] = {}
    for name, parameter in spec.space.items():
        if parameter.choices is not None:
            point[name] = parameter.choices[random.integers(len(parameter.choices))]
            continue
        low, high = box.get(name, parameter.ends)
        half = 0.5 if parameter.whole else 0.0  # as Optuna draws whole numbers
        value = float(np.exp(random.uniform(np.log(low - half), np.log(high + half))))
        point[name] = round(value) if parameter.whole else value
    return point


def truth(point: dict[str, Any]) -> float:
    """The accuracy that a point reaches on average."""
    eta, decay = np.log10(point["eta"]), np.log10(point["lambda"])
    gain = 0.01 * (point["optimizer"] == "momentum") + 0.02 * np.log2(point["filters"] / 8) / 3
    return float(max(0.1, 0.45 + gain - 0.07 * (eta + 1) ** 2 - 0.12 * max(0.0, decay + 2.5)))


def breaks(point: dict[str, Any]) -> float:
    """The probability that a point diverges: one half at a learning rate of 0.45."""
    return float(1 / (1 + np.exp(-12 * (np.log10(point["eta"]) - np.log10(0.45)))))


def _trained(random: Generator, points: list[dict[str, Any]], prune: bool) -> list[tuple[str, list[float]]]:
    """Outcome and accuracies by epoch of every point of a cohort."""
    grown = 1 - np.exp(-np.arange(1, EPOCHS + 1) / 2.5)
    curves = [
        0.1 + (truth(point) + random.normal(0, 0.006) - 0.1) * grown / grown[-1] + random.normal(0, 0.003, EPOCHS)
        for point in points
    ]
    ends = [int(random.integers(1, 4)) if random.random() < breaks(point) else EPOCHS for point in points]
    outcomes = ["diverged" if end < EPOCHS else "completed" for end in ends]
    for place, rung in enumerate(RUNGS[:-1] if prune and len(points) > 3 else ()):
        live = sorted(
            (i for i, end in enumerate(ends) if end >= rung and outcomes[i] != "diverged"), key=lambda i: -curves[i][rung - 1]
        )
        for i in live[-(-len(points) // 3 ** (place + 1)) :]:
            ends[i], outcomes[i] = min(ends[i], rung), "pruned"
    return [(outcome, list(map(float, curve[:end]))) for outcome, curve, end in zip(outcomes, curves, ends, strict=True)]


def _frozen(
    number: int, point: dict[str, Any], outcome: str, curve: list[float], place: tuple[str, int], spec: StudySpec, known: bool
) -> FrozenTrial:
    began = BEGAN + timedelta(seconds=3 * number)
    trial = optuna.trial.create_trial(
        state=STATES[outcome] if known or outcome != "diverged" else TrialState.FAIL,
        value=curve[-1] if outcome == "completed" else None,
        params=point,
        distributions={name: parameter.distribution() for name, parameter in spec.space.items()},
        intermediate_values=dict(enumerate(curve, 1)),
        user_attrs=_attributes(point, outcome, curve, place) if known else {},
        system_attrs={attributes.TRIAL: {"study": "0" * 32, "number": number, "place": number}} if known else {},
    )
    if not known and outcome == "diverged":
        trial.intermediate_values[len(curve)] = float("nan")
    trial.datetime_start, trial.datetime_complete = began, began + timedelta(seconds=0.4 * len(curve))
    return trial


def _attributes(point: dict[str, Any], outcome: str, curve: list[float], place: tuple[str, int]) -> dict[str, Any]:
    found: dict[str, Any] = {attributes.STAGE: place[0], attributes.COHORT: place[1], attributes.OUTCOME: outcome}
    if outcome == "diverged":
        found[attributes.DIVERGENCE] = attributes.Divergence("exploded", 10 * len(curve), len(curve), 7.5, 2.3, 0)._asdict()
    epochs = [_epoch(epoch, accuracy, point["eta"]) for epoch, accuracy in enumerate(curve, 1)]
    return {**found, **dict(attributes.curve_attributes(0, epochs))}


def _epoch(epoch: int, accuracy: float, rate: float) -> EpochMetrics:
    loss = 2.4 - 2.5 * accuracy
    return EpochMetrics(epoch, rate * 0.8 ** (epoch - 1), loss, loss, accuracy, loss, loss, accuracy, 0.4)
