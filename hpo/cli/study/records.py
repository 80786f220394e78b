"""Trials as plain records, for tables and files."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from optuna.trial import FrozenTrial

COLUMNS = (
    "number",
    "stage",
    "cohort",
    "outcome",
    "value",
    "against",
    "epochs",
    "seconds",
    "divergence",
    "error",
    "at_chance",
    "same_as",
    "balanced_accuracy",
    "evidence",
)

BALANCED = "validation_balanced_accuracy"


def record(trial: "FrozenTrial", *, curves: bool = False) -> dict[str, Any]:
    """A trial as JSON can hold it; with the metrics of every epoch, by replicate, on request."""
    from ... import attributes
    from ...space import as_written

    divergence = attributes.divergence_of(trial)
    found = {
        "number": trial.number,
        "stage": attributes.stage_of(trial),
        "cohort": attributes.cohort_of(trial),
        "outcome": attributes.outcome_of(trial),
        "value": trial.values[0] if trial.values else None,
        "against": trial.values[1] if trial.values and len(trial.values) > 1 else None,
        "params": as_written(trial.params, trial.distributions),
        "epochs": trial.last_step or 0,
        "seconds": attributes.seconds_of(trial),
        "divergence": None if divergence is None else divergence._asdict(),
        "error": attributes.error_of(trial),
        "at_chance": attributes.at_chance_of(trial),
        "same_as": attributes.same_as_of(trial),
        "balanced_accuracy": _balanced_accuracy(attributes.curves_of(trial)),
        "enqueued": attributes.enqueued(trial),
        "asynchronous": attributes.asynchronous(trial),
        "evidence": attributes.evidence_of(trial),
        "networks": attributes.networks_of(trial),
        "until": attributes.until_of(trial),
    }
    return {**found, "curves": [_finite(curve) for curve in attributes.curves_of(trial)]} if curves else found


def _balanced_accuracy(curves: Sequence[Mapping[str, Sequence[float]]]) -> float | None:
    """On the validation images, after the last epoch; the mean over the networks."""
    last = [curve[BALANCED][-1] for curve in curves if curve.get(BALANCED)]
    return sum(last) / len(last) if last and len(last) == len(curves) else None


def row(found: dict[str, Any], params: Sequence[str]) -> list[Any]:
    """The cells of a record: those of COLUMNS, then the parameters; None where there is nothing."""
    divergence = found["divergence"]
    flat = {**found, "divergence": divergence and f"{divergence['kind']} at step {divergence['step']}"}
    return [*(flat[name] for name in COLUMNS), *(told(found["params"], name) for name in params)]


def told(values: Mapping[str, Any], name: str) -> Any:
    """A value as a cell of a table: numbers as they are, others as texts that tell them apart; None where it is missing."""
    from ...analysis.choices import text

    value = values.get(name)
    return value if name not in values or isinstance(value, (int, float)) else text(value)


def finite_tree(value: Any) -> Any:
    """A tree as JSON can hold it: null for numbers that are not finite, the text of what JSON does not know."""
    if isinstance(value, Mapping):
        return {str(key): finite_tree(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [finite_tree(part) for part in value]
    if isinstance(value, float):
        return value if value - value == 0 else None
    return value if value is None or isinstance(value, (bool, int, str)) else repr(value)


def _finite(curve: dict[str, list[float]]) -> dict[str, list[float | None]]:
    return {metric: [value if value - value == 0 else None for value in values] for metric, values in curve.items()}
