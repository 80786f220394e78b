"""Opening a cohort: its points from the sampler, its trials into the storage, all of them or none."""

import optuna
from optuna.trial import TrialState

from ..attributes import BOXES, COHORT, CONSTRAINT, STAGE, cohort_of
from ..search import ask
from .cohort import Cohort, open_cohorts
from .planning import Plan
from .stored import StoredStudy


def open_cohort(study: StoredStudy, plan: Plan) -> Cohort | None:
    """Ask for a cohort; None when a grid has no more points.

    What is asked depends on the trials told before and on nothing else, so that a crash before the trials are in the storage
    changes nothing.
    """
    stage, box = plan.stage.name, plan.stage.box or {}
    there = study.optuna.get_trials(deepcopy=False)
    told = [trial for trial in study.trials() if trial.state.is_finished()]
    points = ask(study.spec, stage, box, told, range(len(there), len(there) + plan.trials))
    if not points:
        return None
    number = 1 + max((cohort_of(trial) or 0 for trial in study.trials()), default=-1)
    space = {name: parameter.distribution() for name, parameter in study.spec.space.items()}
    with study.database.transaction():
        _keep_box(study, plan)
        for point in points:
            study.optuna.add_trial(
                optuna.create_trial(
                    state=TrialState.RUNNING,
                    params=point,
                    distributions=space,
                    user_attrs={STAGE: stage, COHORT: number},
                    constraints={CONSTRAINT: 0.0},
                )
            )
    return next(cohort for cohort in open_cohorts(study) if cohort.number == number)


def _keep_box(study: StoredStudy, plan: Plan) -> None:
    boxes = study.optuna.user_attrs.get(BOXES, {})
    if plan.stage.name not in boxes:
        ends = {name: list(interval) for name, interval in (plan.stage.box or {}).items()}
        study.optuna.set_user_attr(BOXES, {**boxes, plan.stage.name: {"box": ends, "kept": list(plan.stage.kept)}})
