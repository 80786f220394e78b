"""Which trials are worth confirming, and which one is best as far as is known."""

from optuna.trial import FrozenTrial, TrialState

from ..attributes import canonical, stage_of
from ..errors import UsageError
from ..race import last_race
from ..runner import StoredStudy
from ..search import comparable, ranked


def candidates(study: StoredStudy, top: int) -> list[FrozenTrial]:
    """The best `top` completed trials, the best first, each point once; fewer where there are no more.

    They are of the last stage with completed trials, and of those before it that had its budget. Raises UsageError when no
    trial is completed.
    """
    if top < 1:
        raise UsageError(f"the number of trials to confirm must be at least 1, got {top}")
    points: dict[str, FrozenTrial] = {}
    for trial in _ranked(study, "confirm"):
        points.setdefault(canonical(trial.params), trial)
    return list(points.values())[:top]


def best_trial(study: StoredStudy) -> FrozenTrial:
    """The best of the last race; that of the search where there was none, or where the search has a new leader since.

    Raises UsageError when no trial is completed.
    """
    ranking = _ranked(study, "test")
    raced = last_race(study.optuna.user_attrs, study.spec.search.direction == "maximize")
    if raced is None or raced.best is None or raced.searched(ranking[0].number) is None:
        return ranking[0]
    number = raced.best.trial
    return next((trial for trial in ranking if trial.number == number), ranking[0])


def _ranked(study: StoredStudy, purpose: str) -> list[FrozenTrial]:
    """Completed trials that had the budget of the last stage with any, the best of the search first."""
    complete = [trial for trial in study.trials() if trial.state == TrialState.COMPLETE]
    if not complete:
        raise UsageError(
            f"there must be a completed trial to {purpose}, got none among {len(study.trials())}: run the study first"
        )
    stages = [stage.name for stage in study.spec.stage]
    last = max((stage_of(trial) for trial in complete), key=lambda stage: stages.index(str(stage)))
    return ranked(comparable(study.spec, str(last), complete), study.spec.search.direction)
