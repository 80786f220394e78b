"""Asking for more trials of a cohort that is under way, as there is room for them.

What is known of the study is kept here, because reading a thousand open trials takes longer than asking for one (0.2 s against
0.01 s on SQLite). Other drivers and users who put trials into the study are noticed by its number of trials.
"""

from dataclasses import dataclass, field

from optuna.trial import FrozenTrial, TrialState

from ..attributes import ASYNCHRONOUS, COHORT, STAGE, cohort_of, same_as_of
from ..search import ask, sees_trials
from ..storage import Leases
from .asking import Known, Outrun, numbers, places, store, there
from .cohort import Cohort, Member, member_of
from .enqueuing import fixed_point, waiting
from .planning import Budget, next_plan
from .repeats import drawn_anew, earlier
from .stopping import NEVER, StopRules
from .stored import StageState, StoredStudy
from .verdict import Verdict


@dataclass
class Growth:
    """How a cohort grows."""

    study: StoredStudy
    leases: Leases
    cohort: Cohort
    rules: StopRules
    budget: Budget
    left: int = 0
    """Trials that are still to be asked; 0 when a stop rule is broken, too."""
    trials: dict[int, FrozenTrial] = field(default_factory=dict)
    """The study's own by number, as they were when they were last looked at."""
    others: list[FrozenTrial] = field(default_factory=list)
    """Those told elsewhere, since this was emptied."""
    _queue: list[FrozenTrial] = field(default_factory=list)
    _census: tuple[int, int] = (0, 0)
    _stage: StageState | None = None
    _told: dict[int, int] = field(default_factory=dict)
    """Trials told since they were looked at: number and key in the storage."""

    def look(self) -> None:
        """Read the study again."""
        self._told = {}
        now = self.study.now()
        self.trials = {trial.number: trial for trial in now.trials()}
        self.others = [trial for trial in self.with_results() if cohort_of(trial) != self.cohort.number]
        self._queue, self._census = waiting(now), now.census
        stages = now.stages()
        plan = next_plan(self.study.spec, stages, now.trials(), self.budget.left, 1, len(self._queue))
        within = plan is not None and plan.stage.name == self.cohort.stage
        self.left = plan.left if plan is not None and within else 0
        self._stage = next(stage for stage in stages if stage.name == self.cohort.stage)

    def learn(self, verdicts: list[Verdict]) -> None:
        """Take note of trials that have been told; they are read when someone wants to see them."""
        self._told |= {each.member.number: each.member.identifier for each in verdicts if each.outcome is not None}

    def ask(self, count: int) -> tuple[Member, ...]:
        """So many trials more, or fewer when no more are to be asked; without those that need no training. Raises LeaseLost."""
        asked: list[FrozenTrial] = []
        while self.left > 0 and not asked:
            if self.rules != NEVER and self.rules.broken(self.study.spec, self._of_hpo()):
                self.left = 0
                break
            try:
                asked = [trial for trial in self._ask(min(count, self.left)) if same_as_of(trial) is None]
            except Outrun:
                self.look()
        return tuple(member_of(self.study.spec, trial, self.study.images) for trial in asked)

    def _ask(self, count: int) -> list[FrozenTrial]:
        spec, stage = self.study.spec, self.cohort.stage
        assert self._stage is not None
        queue = self._queue[:count]
        before = Known(self._census, len(self.trials), [trial.number for trial in self._queue])
        seen = self._of_hpo() if sees_trials(spec.search) else []
        told = [trial for trial in seen if trial.state.is_finished() or spec.search.sampler == "grid"]
        running = [trial.params for trial in seen if trial.state == TrialState.RUNNING]
        keys = places(self.study, queue, self._census[0], len(self.trials), count)
        points = ask(spec, stage, self._stage.box or {}, told, keys, [fixed_point(trial) for trial in queue], running)
        if not points:
            self.left = 0
            return []
        tried = [] if drawn_anew(spec, queue) else self.with_results()
        common = {STAGE: stage, COHORT: self.cohort.number, ASYNCHRONOUS: True}
        with self.leases.held(self.cohort.number):
            begin, waits = there(self.study, before)
            repeated = earlier(spec, stage, tried, points, numbers(queue, begin, len(points)))
            asked = store(self.study, begin, len(self.trials), queue, points, repeated, common)
        self._queue, self._census = self._queue[len(queue) :], (begin + len(asked) - len(queue), waits - len(queue))
        self.trials |= {trial.number: trial for trial in asked}
        self.budget.spend(len(asked))
        self.left -= len(asked)
        return asked

    def _of_hpo(self) -> list[FrozenTrial]:
        told = [self.study.database.get_trial(identifier) for identifier in self._told.values()]
        self.trials |= {trial.number: trial for trial in self.study.ownership.all(told)}
        self._told = {}
        return list(self.trials.values())

    def with_results(self) -> list[FrozenTrial]:
        """Trials that have ended, and those of this cohort, which end before their repeats are told."""
        return [trial for trial in self._of_hpo() if trial.state.is_finished() or cohort_of(trial) == self.cohort.number]
