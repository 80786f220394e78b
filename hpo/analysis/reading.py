"""Any Optuna study as a table: one that hpo ran, or one that it has never seen."""

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..attributes import (
    BOXES,
    SPEC,
    claims_of,
    cohort_of,
    curves_of,
    evidence_of,
    networks_of,
    outcome_of,
    same_as_of,
    seconds_of,
    stage_of,
)
from ..ownership import Ownership
from .columns import columns_of
from .fresh import fresh
from .metrics import in_percent
from .table import Curve, Curves, Floats, Outcome, Table, Truths

if TYPE_CHECKING:
    from optuna import Study
    from optuna.trial import FrozenTrial

_EPOCH = "epoch"


def read(study: "Study") -> Table:
    """The trials of a study, waiting and running ones included. No study file is needed; one that is stored is used.

    Of a study of hpo's the trials that are its own, those after the search among them (`Table.search` is without).

    A trial that has the result of another one, because its point is the same, would count that result twice: it is left out.
    """
    from optuna.study import StudyDirection

    there = Ownership.of(study.user_attrs).all(study.get_trials(deepcopy=False))
    trials = sorted((trial for trial in there if same_as_of(trial) is None), key=lambda trial: trial.number)
    settings = study.user_attrs.get(SPEC, {}).get("study", {})
    metrics = metrics_of(study)
    return Table(
        name=study.study_name,
        metrics=metrics,
        maximise=tuple(direction == StudyDirection.MAXIMIZE for direction in study.directions),
        numbers=np.array([trial.number for trial in trials], dtype=np.int64),
        outcomes=np.array([outcome(trial) for trial in trials], dtype=np.str_),
        values=np.array([_values(trial, len(metrics)) for trial in trials], dtype=np.float64).reshape(-1, len(metrics)),
        columns=columns_of(trials),
        stages=np.array([str(stage_of(trial) or "") for trial in trials], dtype=np.str_),
        cohorts=np.array([_cohort(trial) for trial in trials], dtype=np.int64),
        seconds=np.array([_seconds(trial) for trial in trials], dtype=np.float64),
        curves_of=_curves(trials, metrics[0]),
        last=_last(trials),
        seed=int(settings.get("seed", 0)),
        boxes={stage: _box(stored) for stage, stored in study.user_attrs.get(BOXES, {}).items()},
        sampler=settings.get("search", {}).get("sampler", "random") if settings else None,
        tolerance=_tolerance(settings.get("search", {})),
        spared=_spared(trials, there, str(settings.get("search", {}).get("pruner", "none"))),
        evidence=np.array([evidence_of(trial) or "" for trial in trials], dtype=np.str_),
        first_network=np.array([min(networks_of(trial) or (0,)) for trial in trials], dtype=np.int64),
        feasible=np.array([all(value <= 0 for value in trial.constraints.values()) for trial in trials], dtype=np.bool_),
        looks={_cohort(trial): claims_of(trial) for trial in trials if evidence_of(trial) == "claims"},
        fresh=fresh(study.user_attrs),
    )


def _tolerance(search: Mapping[str, Any]) -> float | None:
    """Of a study file, in the units of its metric."""
    wanted = search.get("tolerance")
    return wanted / 100 if wanted is not None and in_percent(str(search.get("metric", "validation_accuracy"))) else wanted


def _spared(trials: Sequence["FrozenTrial"], there: Sequence["FrozenTrial"], pruner: str) -> Truths:
    """Which trials no pruner could have ended: evidence, and of those that prune by halves only one asks for some."""
    evidence = np.array([evidence_of(trial) is not None for trial in trials], dtype=np.bool_)
    if pruner != "checked-halving":
        return evidence
    from ..search.checked import spared

    searched = [trial for trial in there if evidence_of(trial) is None]
    return np.asarray(evidence | np.isin([trial.number for trial in trials], list(spared(searched))))


def outcome(trial: "FrozenTrial") -> Outcome:
    """What became of a trial. One that is not hpo's diverged when the last number that it gave is not finite."""
    state, known = trial.state.name, outcome_of(trial)
    if state in ("RUNNING", "WAITING"):
        return "unfinished"
    if known in ("completed", "pruned", "diverged", "error"):
        return known
    told = [*(trial.values or ()), *list(trial.intermediate_values.values())[-1:]]
    if any(not math.isfinite(number) for number in told):
        return "diverged"
    return {"COMPLETE": "completed", "PRUNED": "pruned"}.get(state, "error")  # type: ignore[return-value]  # three literals


def metrics_of(study: "Study") -> tuple[str, ...]:
    """The names of its objectives, given ones where it has none."""
    settings = study.user_attrs.get(SPEC, {}).get("study", {})
    if settings:
        search = settings.get("search", {})
        return (str(search.get("metric", "validation_accuracy")), *([str(search["against"])] if search.get("against") else []))
    count = len(study.directions)
    return tuple(study.metric_names or (("value",) if count == 1 else [f"value {index}" for index in range(count)]))


def _box(stored: Mapping[str, Any]) -> dict[str, tuple[float, float]]:
    return {name: (float(low), float(high)) for name, (low, high) in stored.get("box", {}).items()}


def _values(trial: "FrozenTrial", count: int) -> Sequence[float]:
    values = trial.values if trial.state.name == "COMPLETE" else None
    return values if values is not None and len(values) == count else [math.nan] * count


NEAR = 0.1
"""Share of its value that a completed trial's report may differ from it by, and still be one of the objective."""


def _last(trials: Sequence["FrozenTrial"]) -> Floats:
    """The last report of each trial; none where most completed trials reported something else than what they were judged by."""
    reports = [trial.intermediate_values for trial in trials]
    same = [
        np.isclose(list(told.values()), trial.values[0], rtol=NEAR, atol=0.0).any()
        for trial, told in zip(trials, reports, strict=True)
        if told and trial.state.name == "COMPLETE" and trial.values
    ]
    if same and 2 * sum(same) < len(same):
        return np.full(len(trials), math.nan)
    return np.array([told[max(told)] if told else math.nan for told in reports], dtype=np.float64)


def _cohort(trial: "FrozenTrial") -> int:
    cohort = cohort_of(trial)
    return cohort if isinstance(cohort, int) else -1


def _seconds(trial: "FrozenTrial") -> float:
    """Of training, where that is known: a trial of hpo's is open as long as its cohort."""
    trained = seconds_of(trial)
    return (
        float(trained)
        if isinstance(trained, (int, float))
        else trial.duration.total_seconds()
        if trial.duration is not None
        else math.nan
    )


def _curves(trials: Sequence["FrozenTrial"], metric: str) -> Curves:
    """Reads a trial's curves when they are asked for: 10,000 trials hold a lot of them."""

    def of(row: int) -> tuple[Curve, ...]:
        trial = trials[row]
        own = [curve for curve in curves_of(trial) if _EPOCH in curve] if outcome_of(trial) else []
        if own:
            return tuple(_curve(curve) for curve in own)
        reported = sorted(trial.intermediate_values.items())
        if not reported:
            return ()
        at, values = np.array(reported, dtype=np.float64).T
        return (Curve("epoch" if outcome_of(trial) else "step", at, {metric: values}),)

    return of


def _curve(columns: Mapping[str, Sequence[float]]) -> Curve:
    metrics: dict[str, Floats] = {name: np.array(values, dtype=np.float64) for name, values in columns.items() if name != _EPOCH}
    return Curve("epoch", np.array(columns[_EPOCH], dtype=np.float64), metrics)
