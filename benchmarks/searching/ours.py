"""hpo on the same tasks: its runner, storage, jobs and rungs, in this process."""

import tempfile
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from optuna.trial import FrozenTrial

from hpo.attributes import divergence_of
from hpo.engines.serial import Serial
from hpo.runner import create, run
from hpo.runner.events import CohortAsked, Event, JobProgress, TrialTold
from hpo.spec import StudySpec
from hpo.spec.search import Narrow
from hpo.storage import connect

from .record import Ended, Search
from .tasks import Task, searched_by

CHECKED = {"sampler": "tpe", "pruner": "checked-halving"}
HALVING = {"sampler": "tpe", "pruner": "successive-halving"}
BY_HALF = {**HALVING, "pruner_options": {"reduction_factor": 2}}
"""What a contender has in the section [search] of its study file; all else is left to the defaults."""


class Kind(NamedTuple):
    """A way to search."""

    search: Mapping[str, Any]
    coarse: int | None = None
    """Trials of a coarse stage, about half of the budget, after which a second one narrows; None: one stage."""


CAREFUL = Narrow(keep=5, margin=0.25)

KINDS = {
    "hpo": Kind(CHECKED),
    "hpo, halving": Kind(HALVING),
    "hpo, coarse to fine": Kind(CHECKED, 32),
    "hpo, both": Kind(BY_HALF, 48),
}


def search(task: Task, kind: Kind, seed: int) -> Search:
    """Search until the budget is spent; a cohort's trials count from the rung at which they ended."""
    rest = {"name": "rest", "trials": 100_000}
    stages: list[dict[str, Any]] = [rest]
    if kind.coarse is not None:
        stages = [{"name": "coarse", "trials": kind.coarse}, {**rest, "narrow": CAREFUL.model_dump()}]
    return searched(task, searched_by(task, kind.search, stages), seed)


def searched(task: Task, spec: StudySpec, seed: int) -> Search:
    """The same with a study file of its own; a search ends early when its stages have all their trials."""
    account = _Account(task.budget)
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder, Serial(task.work) as engine:
        database = connect(f"sqlite:///{Path(folder) / 'hpo.db'}", "create")
        study = create(database, "search", spec.model_copy(update={"seed": seed}))
        with suppress(_Spent):
            run(study, task.data, engine, display=account)
        own = {trial.number: _steps(task, trial) for trial in study.trials()}
        box = study.stages()[-1].box if len(spec.stage) > 1 else None
        database.close()
    seconds = time.perf_counter() - began
    ended = tuple(each._replace(steps=own[number]) for number, each in account.ended.items())
    return Search(ended, spec.search.direction == "maximize", seconds, None if box is None else dict(box))


class _Spent(BaseException):
    """The budget is spent. Like KeyboardInterrupt, no failure."""


class _Account:
    """Counts lane-steps as the jobs report them; a display of the run."""

    def __init__(self, budget: int) -> None:
        self._budget = budget
        self.spent = 0
        self.ended: dict[int, Ended] = {}

    def __call__(self, event: Event) -> None:
        if isinstance(event, JobProgress):
            self.spent += event.progress.lane_steps
        if isinstance(event, TrialTold):
            value = event.value if event.outcome == "completed" else None
            self.ended[event.number] = Ended(self.spent, 0, value, event.outcome == "diverged", event.params)
        if isinstance(event, CohortAsked) and self.spent >= self._budget:
            raise _Spent


def _steps(task: Task, trial: FrozenTrial) -> int:
    divergence = divergence_of(trial)
    return (trial.last_step or 0) * task.steps if divergence is None else divergence.step or 0
