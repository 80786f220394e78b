"""What hpo writes into the attributes of a study and its trials, and how to read it back. Neither Optuna nor torch in here.

Everything that a run needs to go on, and everything that a reader wants to know, lies in Optuna's own tables: states, values,
intermediate values, and these attributes.
"""

import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal, NamedTuple, Protocol

SPEC = "hpo:spec"
"""Of a study: {"version": 1, "study": the study file as a tree}."""
UID = "hpo:uid"
"""Of a study: names its folder. Unlike a study's number, it is never given twice."""
FOLDERS = "hpo:folders"
"""Of a study with a network of the user's own: the folders in which its factory is looked for."""
EXECUTION = "hpo:execution"
"""Of a study: how jobs are cut and computed, decided at its first run."""
DATA = "hpo:data"
"""Of a study: what it trains on, {"sha256", "train", "validation", "shape", "classes", "notes"}, stored at its first run."""
BOXES = "hpo:boxes"
"""Of a study: {stage: {"box": {parameter: [low, high]}, "kept": [trial numbers that a narrowed box came from],
"notes": [what its user should know]}}."""
TESTS = "hpo:test"
"""Of a study, with the look's number after a colon: what a final network made of the test images, a runner.Test as a tree."""
CONFIRMATIONS = "hpo:confirmation"
"""Of a study, with the number of the confirmation after a colon: how a race of its best trials went; each candidate's values
under a key of its own, with its trial's number after another colon."""
ANSWER = "hpo:answer"
"""Of a study: its answer in three sentences, and of which trials."""
REPORT = "hpo:report"
OVERVIEW = "hpo:overview"
"""Of a study: the artifacts that its last report and the picture of its note are, for the dashboard."""

LEASES = "hpo:leases"
"""Of a study, among its system attributes: {cohort: who works on it, a storage.Lease as a tree}."""

PREFIX = "hpo:"
"""Of every key; studies of version 1 have those in trials without it, see hpo.ownership."""

STAGE, COHORT, OUTCOME = "hpo:stage", "hpo:cohort", "hpo:outcome"
DIVERGENCE, ERROR = "hpo:divergence", "hpo:error"
ENQUEUED = "hpo:enqueued"
"""Of a trial whose point, or a part of it, was put into the queue instead of drawn by the sampler."""
SAME_AS = "hpo:same_as"
"""Of a trial whose point was tried before with the same budget: the number of the trial whose result it has."""
ASYNCHRONOUS = "hpo:asynchronous"
"""Of a trial that was asked when there was room for it, so that nobody can repeat the study exactly."""
AT_CHANCE = "hpo:at_chance"
"""Of a completed trial with a network that knows no more than a guess: stuck, or late when it had known more before."""
CURVES, POINTS, SECONDS = "hpo:curves", "hpo:points", "hpo:seconds"
EVIDENCE = "hpo:evidence"
"""Of a trial that was asked after the search, and is no part of it: what for, a Purpose."""
NETWORKS = "hpo:networks"
"""Of evidence: the numbers of its networks among the replicates of the study, none of which a trial before it had."""
UNTIL = "hpo:until"
"""Of evidence that ends before its budget does: the epoch at which all that is asked of it is known."""
CLAIMS = "hpo:claims"
"""Of evidence for claims: the keys of these (hpo.findings.key)."""

TRIAL_KEYS = frozenset(
    {
        STAGE, COHORT, OUTCOME, DIVERGENCE, ERROR, ENQUEUED, SAME_AS, ASYNCHRONOUS, AT_CHANCE, CURVES, POINTS, SECONDS, EVIDENCE,
        NETWORKS, UNTIL, CLAIMS,
    }
)  # fmt: skip
"""Of a trial, among its user attributes; those of curves have the replicate and a chunk's number behind them."""

TRIAL = "hpo:trial"
"""Of a trial, among its system attributes: {"study": the study's uid, "number": its own, "place": how many of hpo's trials were
asked before it}. A copy of the trial has another number or lies in another study."""

CONSTRAINT = "diverged"
"""Name of the Optuna constraint that every told trial carries: 1 when it diverged, else 0."""
CONSTRAINT_KEY = f"constraints:{CONSTRAINT}"
"""As Trial.set_constraint stores it. That method wants a live trial, and cannot change what the trial was created with."""

Outcome = Literal["completed", "pruned", "diverged", "error"]
AtChance = Literal["stuck", "late"]
Purpose = Literal["answer", "claims"]
"""answer: points that values chose; claims: a sample that no value chose."""

EPOCHS_A_CHUNK = 250
"""So that one attribute stays below the 65,535 bytes of a TEXT column of MySQL."""


class HasValues(Protocol):
    """An Optuna trial that has ended."""

    @property
    def values(self) -> Sequence[float] | None:
        """One for each objective."""
        ...


class HasAttributes(Protocol):
    """An Optuna trial, live or frozen."""

    @property
    def user_attrs(self) -> dict[str, Any]:
        """The trial's user attributes."""
        ...


class HasPlace(Protocol):
    """An Optuna trial as it is read from a storage."""

    @property
    def number(self) -> int:
        """Its number in the Optuna study."""
        ...

    @property
    def system_attrs(self) -> dict[str, Any]:
        """What programs write."""
        ...


class Divergence(NamedTuple):
    """Where and how a trial left the region where it can learn."""

    kind: str
    step: int | None
    """Step of training, counted from 1; None when the metric alone was not finite."""
    epoch: int
    cost: float | None
    """The cost that was seen; None when it was not finite."""
    first: float | None
    """The cost of the first step."""
    replicate: int


def value_of(trial: HasValues) -> float | None:
    """Value of the study's metric, the first objective; None for a trial that has none."""
    return trial.values[0] if trial.values else None


def stage_of(trial: HasAttributes) -> str | None:
    """Name of the stage that a trial belongs to; None for a trial that is not hpo's."""
    return trial.user_attrs.get(STAGE)


def cohort_of(trial: HasAttributes) -> int | None:
    """Number of the cohort that a trial belongs to, counted from 0 over the whole study."""
    return trial.user_attrs.get(COHORT)


def place_of(trial: HasPlace) -> int:
    """What a trial's random streams are keyed by: how many of hpo's own were asked before it.

    Its number, unless others have put trials between; in studies of version 1 always its number.
    """
    place: int = trial.system_attrs.get(TRIAL, {}).get("place", trial.number)
    return place


def outcome_of(trial: HasAttributes) -> Outcome | None:
    """What became of a trial; None while it is open."""
    return trial.user_attrs.get(OUTCOME)


def enqueued(trial: HasAttributes) -> bool:
    """Whether a trial's point was put into the queue instead of drawn by the sampler."""
    return bool(trial.user_attrs.get(ENQUEUED))


def same_as_of(trial: HasAttributes) -> int | None:
    """The trial whose result a trial has because its point is the same; None for one that was trained itself."""
    return trial.user_attrs.get(SAME_AS)


def asynchronous(trial: HasAttributes) -> bool:
    """Whether a trial was asked when there was room for it."""
    return bool(trial.user_attrs.get(ASYNCHRONOUS))


def evidence_of(trial: HasAttributes) -> Purpose | None:
    """What a trial was asked for after the search; None for one of the search."""
    return trial.user_attrs.get(EVIDENCE)


def networks_of(trial: HasAttributes) -> tuple[int, ...] | None:
    """Numbers of the networks of evidence among the study's replicates; None for a trial of the search, which has the first."""
    found = trial.user_attrs.get(NETWORKS)
    return None if found is None else tuple(found)


def until_of(trial: HasAttributes) -> int | None:
    """The epoch that evidence ends at; None where it has its whole budget, as every trial of a search."""
    return trial.user_attrs.get(UNTIL)


def claims_of(trial: HasAttributes) -> tuple[str, ...]:
    """Keys of the claims that evidence was asked for."""
    return tuple(trial.user_attrs.get(CLAIMS, ()))


def at_chance_of(trial: HasAttributes) -> AtChance | None:
    """Whether a completed trial knows no more than a guess: it never did, or fell back late."""
    return trial.user_attrs.get(AT_CHANCE)


def divergence_of(trial: HasAttributes) -> Divergence | None:
    """Where and how a trial diverged; None when it did not."""
    found = trial.user_attrs.get(DIVERGENCE)
    return None if found is None else Divergence(**found)


def seconds_of(trial: HasAttributes) -> float | None:
    """Training time of a told trial: its networks' shares of their jobs, taken together; None for a trial that is not hpo's."""
    return trial.user_attrs.get(SECONDS)


def error_of(trial: HasAttributes) -> str | None:
    """The error that a trial failed with, on one line."""
    return trial.user_attrs.get(ERROR)


def curves_of(trial: HasAttributes, kind: str = CURVES) -> list[dict[str, list[float]]]:
    """The metrics of a told trial by replicate: {"epoch": [1, 2, ...], "validation_loss": [...], ...}; NaN where not finite.

    Of kind POINTS those by steps, of a study that asks for them: {"step": [50, 100, ...], ...}.
    """
    chunks = sorted(_chunks(trial.user_attrs, kind))
    curves: list[dict[str, list[float]]] = [{} for _ in {replicate for replicate, *_ in chunks}]
    for replicate, _, chunk in chunks:
        for metric, values in chunk.items():
            curves[replicate].setdefault(metric, []).extend(math.nan if value is None else value for value in values)
    return curves


def _chunks(attributes: Mapping[str, Any], kind: str) -> Iterator[tuple[int, int, dict[str, list[float | None]]]]:
    for key, value in attributes.items():
        numbers = key.removeprefix(f"{kind}:").split(":")
        if key.startswith(f"{kind}:") and len(numbers) == 2:
            yield int(numbers[0]), int(numbers[1]), value


def curve_attributes(
    replicate: int, curve: Sequence[Any], kind: str = CURVES
) -> Iterable[tuple[str, dict[str, list[float | None]]]]:
    """The attributes that hold one replicate's epochs or points (named tuples of numbers), exactly; without what nobody took."""
    taken = [name for name in (curve[0]._fields if curve else ()) if any(getattr(point, name) is not None for point in curve)]
    for start in range(0, len(curve), EPOCHS_A_CHUNK):
        chunk = curve[start : start + EPOCHS_A_CHUNK]
        columns = {name: [_finite(getattr(point, name)) for point in chunk] for name in taken}
        yield f"{kind}:{replicate}:{start // EPOCHS_A_CHUNK}", columns


def _finite(number: float | None) -> float | None:
    return number if number is not None and math.isfinite(number) else None


def canonical(value: Any) -> str:
    """JSON that is equal for equal values: sorted keys, no spaces, shortest exact floats."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"))
