"""Which trials are worth confirming."""

from optuna.trial import FrozenTrial, TrialState

from ..attributes import canonical, stage_of
from ..errors import UsageError
from ..runner import StoredStudy
from ..search import comparable, ranked


def candidates(study: StoredStudy, top: int) -> list[FrozenTrial]:
    """The best `top` completed trials, the best first, each point once; fewer where there are no more.

    They are of the last stage with completed trials, and of those before it that had its budget. Raises UsageError when no
    trial is completed.
    """
    if top < 1:
        raise UsageError(f"the number of trials to confirm must be at least 1, got {top}")
    complete = [trial for trial in study.trials() if trial.state == TrialState.COMPLETE]
    if not complete:
        raise UsageError(f"there must be a completed trial to confirm, got none among {len(study.trials())}: run the study first")
    stages = [stage.name for stage in study.spec.stage]
    last = max((stage_of(trial) for trial in complete), key=lambda stage: stages.index(str(stage)))
    points: dict[str, FrozenTrial] = {}
    for trial in ranked(comparable(study.spec, str(last), complete), study.spec.search.direction):
        points.setdefault(canonical(trial.params), trial)
    return list(points.values())[:top]
