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
    CONSTRAINT_KEY,
    ENQUEUED,
    SAME_AS,
    STAGE,
)
from ..search import ask
from ..storage import Leases, add_trials, fill_trial, identifier_of
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


class Known(NamedTuple):
    """What a question depends on, as it was when it was put together."""

    census: tuple[int, int]
    """Of the Optuna study."""
    asked: int
    """The study's own trials."""
    queue: Sequence[int]
    """Numbers of the trials that wait for it."""


def known(now: Moment) -> Known:
    """What is known at a moment."""
    return Known(now.census, now.asked, [trial.number for trial in waiting(now)])


def there(study: StoredStudy, before: Known) -> tuple[int, int]:
    """The census of the Optuna study; raises Outrun when anything has changed but the trials that are nothing to hpo.

    Within a transaction beside which nobody adds trials.
    """
    census = study.database.census(study.identifier)
    if census != before.census:
        now = known(study.now())
        if study.ownership.keyed_by_number or (now.asked, now.queue) != (before.asked, before.queue):
            raise Outrun
    return census


def open_cohort(now: Moment, plan: Plan, leases: Leases, asynchronous: bool = False) -> Asked | None:
    """Ask for a cohort and take it; None when a grid has no more points. `now`: what the plan was made for.

    An asynchronous one is to grow.

    What is asked depends on the trials told before and on nothing else, so that a crash before the trials are in the storage
    changes nothing. Raises Outrun.
    """
    study, stage, box = now.study, plan.stage.name, plan.stage.box or {}
    queue = waiting(now)[: plan.trials]
    told = now.trials() if study.spec.search.sampler == "grid" else now.told
    given = [fixed_point(trial) for trial in queue]
    points = ask(study.spec, stage, box, told, places(study, queue, now.there, now.asked, plan.trials), given)
    if not points:
        return None
    number = now.cohorts
    common = {STAGE: stage, COHORT: number, **({ASYNCHRONOUS: True} if asynchronous else {})}
    with leases.alone():
        begin, _ = there(study, known(now))
        _keep_box(study, plan)
        leases.take(number)
        repeated = earlier(
            study.spec, stage, () if drawn_anew(study.spec, queue) else now.told, points, numbers(queue, begin, len(points))
        )
        stored = store(study, begin, now.asked, queue, points, repeated, common)
    return Asked(cohort_at(study, number, stored), len(stored), now.after(stored, begin + len(stored) - len(queue)))


def numbers(queue: Sequence[FrozenTrial], begin: int, count: int) -> list[int]:
    """The numbers of so many trials: the first ones have waited, the others come after those that are there."""
    return [*(trial.number for trial in queue), *range(begin, begin + count - len(queue))]


def places(study: StoredStudy, queue: Sequence[FrozenTrial], begin: int, asked: int, count: int) -> list[int]:
    """What the random streams of these trials are keyed by."""
    return numbers(queue, begin, count) if study.ownership.keyed_by_number else list(range(asked, asked + count))


def store(
    study: StoredStudy,
    begin: int,
    asked: int,
    queue: Sequence[FrozenTrial],
    points: Sequence[Mapping[str, Any]],
    repeated: Sequence[int | None],
    common: Mapping[str, Any],
    stages: Sequence[str] = (),
) -> list[FrozenTrial]:
    """Make open trials of points, the first ones of the queue, with attributes that they have in common; gives them as stored.

    `stages`: of each, where they have none in common.

    Within a transaction that has found so many trials in the Optuna study, and so many of the study's own. Raises Outrun when a
    trial of the queue is another's by now.
    """
    marks = [
        study.ownership.mark(number, asked + after) | {CONSTRAINT_KEY: 0.0}
        for after, number in enumerate(numbers(queue, begin, len(points)))
    ]
    own: list[dict[str, Any]] = [{} if same is None else {SAME_AS: same} for same in repeated]
    own = [each | {STAGE: stage} for each, stage in zip(own, stages, strict=True)] if stages else own
    attributes = [study.ownership.stored({**common, **each}) for each in own]
    fresh = [_asked(study, *each) for each in zip(points, attributes, marks, strict=True)]
    for waited, trial in zip(queue, fresh, strict=False):
        trial.user_attrs = {**trial.user_attrs, **study.ownership.stored({ENQUEUED: True})}
        if not study.database.set_trial_state_values(identifier_of(waited), TrialState.RUNNING):
            raise Outrun
        fill_trial(study.database, identifier_of(waited), trial, study.ownership.taken_up(waited))
    taken = [study.database.get_trial(identifier_of(trial)) for trial in queue]
    return study.ownership.all([*taken, *add_trials(study.database, study.identifier, begin, fresh[len(queue) :])])


def _asked(study: StoredStudy, point: Mapping[str, Any], attributes: dict[str, Any], marks: dict[str, Any]) -> FrozenTrial:
    return optuna.create_trial(
        state=TrialState.RUNNING, params=dict(point), distributions=_space(study), user_attrs=attributes, system_attrs=marks
    )


def _space(study: StoredStudy) -> dict[str, BaseDistribution]:
    return {name: parameter.distribution() for name, parameter in study.spec.space.items()}


def _keep_box(study: StoredStudy, plan: Plan) -> None:
    boxes = study.optuna.user_attrs.get(BOXES, {})
    if plan.stage.name not in boxes:
        ends = {name: list(interval) for name, interval in (plan.stage.box or {}).items()}
        started = {"box": ends, "kept": list(plan.stage.kept), "notes": list(plan.stage.notes)}
        study.optuna.set_user_attr(BOXES, {**boxes, plan.stage.name: started})
