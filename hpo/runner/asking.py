"""Opening a cohort: its points from the sampler, its trials into the storage, all of them or none."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import optuna
from optuna.distributions import BaseDistribution
from optuna.trial import FrozenTrial, TrialState

from ..attributes import (
    ASYNCHRONOUS,
    BOXES,
    COHORT,
    CONSTRAINT,
    CONSTRAINT_KEY,
    ENQUEUED,
    SAME_AS,
    STAGE,
)
from ..search import ask
from ..storage import Leases, add_trials, identifier_of
from .cohort import Cohort, cohort_at
from .enqueuing import fixed_point, waiting
from .planning import Plan
from .repeats import drawn_anew, earlier
from .stored import Moment, StoredStudy


class Outrun(Exception):
    """Another driver has put trials into the study meanwhile, so that this cohort is not the next one any more."""


class Asked(NamedTuple):
    """A cohort that has just been asked."""

    cohort: Cohort
    trials: int
    now: Moment
    """The study with it."""


def open_cohort(now: Moment, plan: Plan, leases: Leases, asynchronous: bool = False) -> Asked | None:
    """Ask for a cohort and take it; None when a grid has no more points. `now`: what the plan was made for.

    An asynchronous one is to grow.

    What is asked depends on the trials told before and on nothing else, so that a crash before the trials are in the storage
    changes nothing. Raises Outrun.
    """
    study, stage, box = now.study, plan.stage.name, plan.stage.box or {}
    queue, begin = waiting(now)[: plan.trials], len(now.everything)
    numbers = [*(trial.number for trial in queue), *range(begin, begin + plan.trials - len(queue))]
    told = now.trials() if study.spec.search.sampler == "grid" else now.told
    points = ask(study.spec, stage, box, told, numbers, [fixed_point(trial) for trial in queue])
    if not points:
        return None
    repeated = earlier(study.spec, stage, () if drawn_anew(study.spec, queue) else now.told, points, numbers)
    number = now.cohorts
    common = {STAGE: stage, COHORT: number, **({ASYNCHRONOUS: True} if asynchronous else {})}
    with leases.alone():
        if study.database.census(study.identifier) != now.census:
            raise Outrun
        _keep_box(study, plan)
        leases.take(number)
        stored = store(study, begin, queue, points, repeated, common)
    return Asked(cohort_at(study, number, stored), len(stored), now.after(stored))


def store(
    study: StoredStudy,
    there: int,
    queue: Sequence[FrozenTrial],
    points: Sequence[Mapping[str, Any]],
    repeated: Sequence[int | None],
    common: Mapping[str, Any],
) -> list[FrozenTrial]:
    """Make open trials of points, the first ones of the queue, with attributes that they have in common; gives them as stored.

    Within a transaction that has found so many trials `there`.
    """
    attributes = [{**common, **({} if same is None else {SAME_AS: same})} for same in repeated]
    taken = [
        _take_up(study, trial, point, {**own, ENQUEUED: True})
        for trial, point, own in zip(queue, points, attributes, strict=False)
    ]
    rest = list(zip(points, attributes, strict=True))[len(queue) :]
    return [*taken, *add_trials(study.database, study.identifier, there, [_asked(study, point, own) for point, own in rest])]


def _asked(study: StoredStudy, point: Mapping[str, Any], attributes: dict[str, Any]) -> FrozenTrial:
    return optuna.create_trial(
        state=TrialState.RUNNING,
        params=dict(point),
        distributions=_space(study),
        user_attrs=attributes,
        constraints={CONSTRAINT: 0.0},
    )


def _space(study: StoredStudy) -> dict[str, BaseDistribution]:
    return {name: parameter.distribution() for name, parameter in study.spec.space.items()}


def _take_up(study: StoredStudy, trial: FrozenTrial, point: Mapping[str, Any], attributes: Mapping[str, Any]) -> FrozenTrial:
    """Make a waiting trial a running one, as it would be if it had just been asked for."""
    identifier = identifier_of(trial)
    study.database.set_trial_state_values(identifier, TrialState.RUNNING)
    for name, distribution in _space(study).items():
        study.database.set_trial_param(identifier, name, distribution.to_internal_repr(point[name]), distribution)
    for key, value in attributes.items():
        study.database.set_trial_user_attr(identifier, key, value)
    study.database.set_trial_system_attr(identifier, CONSTRAINT_KEY, 0.0)
    return study.database.get_trial(identifier)


def _keep_box(study: StoredStudy, plan: Plan) -> None:
    boxes = study.optuna.user_attrs.get(BOXES, {})
    if plan.stage.name not in boxes:
        ends = {name: list(interval) for name, interval in (plan.stage.box or {}).items()}
        started = {"box": ends, "kept": list(plan.stage.kept), "notes": list(plan.stage.notes)}
        study.optuna.set_user_attr(BOXES, {**boxes, plan.stage.name: started})
