"""Points that were tried before with the same budget: they are not trained again, and told as what they were."""

from collections.abc import Collection, Sequence
from typing import Any

from optuna.trial import FrozenTrial, TrialState

from ..attributes import (
    ASYNCHRONOUS,
    COHORT,
    CONSTRAINT_KEY,
    ENQUEUED,
    PREFIX,
    SAME_AS,
    SECONDS,
    STAGE,
    canonical,
    cohort_of,
    outcome_of,
    same_as_of,
)
from ..search import comparable
from ..spec import StudySpec
from ..storage import Leases, identifier_of
from .stored import StoredStudy

_OWN = frozenset({STAGE, COHORT, ENQUEUED, SAME_AS, ASYNCHRONOUS, SECONDS})


def earlier(
    spec: StudySpec, stage: str, told: Sequence[FrozenTrial], points: Sequence[dict[str, Any]], numbers: Sequence[int]
) -> list[int | None]:
    """For each new point the trial whose result it takes: one of `told`, or an earlier one of the same points; None: its own.

    A trial that failed with an error has no result to take.
    """
    name = next(iter(spec.space))
    values = {point[name] for point in points}  # Most trials differ in this one already, which is quick to see among thousands.
    alike = [trial for trial in comparable(spec, stage, told) if trial.params[name] in values and _has_result(trial)]
    known = {canonical(trial.params): trial.number for trial in reversed(alike)}
    found: list[int | None] = []
    for point, number in zip(points, numbers, strict=False):
        same = known.setdefault(canonical(point), number)
        found.append(None if same == number else same)
    return found


def _has_result(trial: FrozenTrial) -> bool:
    return outcome_of(trial) != "error" and same_as_of(trial) is None


def never_repeats(spec: StudySpec) -> bool:
    """Whether a sampler's point is new in its stage for certain: a grid visits each once, a real number is not drawn twice."""
    return spec.search.sampler == "grid" or _any_real(spec)


def drawn_anew(spec: StudySpec, queue: Collection[FrozenTrial]) -> bool:
    """Whether all points are new for certain: the grids of two stages may share some, and the queue may have anything."""
    return not queue and spec.search.sampler != "grid" and _any_real(spec)


def _any_real(spec: StudySpec) -> bool:
    return any(each.numeric and not each.whole and each.step is None for each in spec.space.values())


def tell_repeats(study: StoredStudy, leases: Leases, cohort: int) -> list[FrozenTrial]:
    """End the open trials of a cohort whose points were trained under other numbers; gives them as they are told.

    Raises LeaseLost when the cohort is another driver's by now.
    """
    trials = {trial.number: trial for trial in study.trials()}
    open_ = [trial for trial in trials.values() if cohort_of(trial) == cohort and trial.state == TrialState.RUNNING]
    repeats = [(trial, same) for trial in open_ if (same := same_as_of(trial)) is not None]
    if not repeats:
        return []
    with leases.held(cohort):
        for trial, same in repeats:
            _tell(study, identifier_of(trial), trials[same])
    ended = {trial.number: trial for trial in study.trials()}
    return [ended[trial.number] for trial, _ in repeats]


def _tell(study: StoredStudy, identifier: int, original: FrozenTrial) -> None:
    for epoch, value in original.intermediate_values.items():
        study.database.set_trial_intermediate_value(identifier, epoch, value)
    told = {key: attribute for key, attribute in original.user_attrs.items() if key.startswith(PREFIX) and key not in _OWN}
    for key, attribute in study.ownership.stored({**told, SECONDS: 0.0}).items():
        study.database.set_trial_user_attr(identifier, key, attribute)
    study.database.set_trial_system_attr(identifier, CONSTRAINT_KEY, original.system_attrs.get(CONSTRAINT_KEY, 0.0))
    study.database.set_trial_state_values(identifier, original.state, original.values if original.values else None)
