"""The run: open cohorts are finished, then new ones asked, until nothing is left to do or the budget is spent."""

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from time import monotonic
from typing import Literal

from optuna.exceptions import StorageInternalError
from optuna.trial import TrialState
from sqlalchemy.exc import IntegrityError

from ..attributes import error_of, outcome_of, same_as_of, value_of
from ..data import Prepared
from ..engines import Engine
from ..errors import AllTrialsFailed, NotFound, UsageError
from ..search import check_asynchronous, comparable, compares
from ..spec.sizes import stage_faults
from ..storage import LeaseLost, Leases, explained
from . import events
from .asking import Asked, Outrun, open_cohort
from .checkpoints import Checkpoints
from .cohort import Cohort, next_rung
from .creating import exists
from .enqueuing import of_others, waiting
from .events import Display, ignore
from .evidence import Gathering, open_batch
from .execution import settle
from .growing import Growth
from .judging import Judge
from .patience import ERRORS as LOST
from .patience import Patience
from .planning import Budget, Plan, next_plan
from .repeats import never_repeats, tell_repeats
from .rolling import Rolling, trials_per_slot
from .sharing import Sharing, side_by_side
from .slots import share
from .stopping import NEVER, StopRules
from .stored import Moment, StageState, StoredStudy
from .tally import Tally
from .telling import judged, survivors, tell
from .work import OutOfTime, Workshop

Stopped = Literal["done", "trials", "timeout", "grid", "until", "no-better"]


@dataclass(frozen=True, slots=True)
class Summary:
    """What a run has done."""

    told: int
    outcomes: Mapping[str, int]
    lane_steps: int
    seconds: float
    stopped: Stopped
    """done: no stage lacks trials; trials: as many were asked as it was given; grid: there are no points left; timeout; until,
    no-better: a stop rule."""
    evidence: int = 0
    """Trials told that were asked after the search, which are not among the others."""


def run(
    study: StoredStudy,
    data: Prepared,
    engine: Engine,
    *,
    trials: int | None = None,
    timeout: float | None = None,
    rules: StopRules = NEVER,
    asynchronous: bool = False,
    gathering: Gathering | None = None,
    display: Display = ignore,
) -> Summary:
    """Carry a study on: finish its open trials, then ask for at most `trials` more, by default for all that its stages lack.

    Past the last stage, `trials` more are asked in its box. `rules` stop it between two cohorts, `timeout` seconds within an
    epoch; whatever stops it, the next run goes on from the jobs that are done. An `asynchronous` one asks for a trial as soon as
    there is a slot for it, which no other run would do alike. Once no stage lacks trials, a run of no given number of trials goes
    on with the evidence that `gathering` asks for. A database server that goes away is waited for.

    Raises AllTrialsFailed when no trial of the study got by without an error, EngineError, StorageError, NotFound when the study
    is deleted meanwhile, and UsageError when it was begun on other images, when a rule can never act, or when the search needs
    whole cohorts and is to be asynchronous.
    """
    if trials is not None and trials < 1:
        raise UsageError(f"the number of trials to ask for must be at least 1, got {trials}")
    if trials is not None and (faults := list(stage_faults(study.spec, study.spec.stage[-1].name, trials, "--trials"))):
        raise UsageError("\n".join(faults))
    if timeout is not None and not timeout > 0:
        raise UsageError(f"the timeout must be above 0 seconds, got {timeout}")
    rules.check(study.spec, study.trials(), trials)
    if asynchronous:
        check_asynchronous(study.spec.search)
    after = gathering if trials is None else None
    return _carried_on(study, data, engine, Budget(trials), timeout, rules, asynchronous, after, display)


def gather(
    study: StoredStudy,
    data: Prepared,
    engine: Engine,
    gathering: Gathering,
    *,
    timeout: float | None = None,
    display: Display = ignore,
) -> Summary:
    """Finish a study's open trials, then train the evidence that is asked for, and no trial of the search. Raises as `run`."""
    return _carried_on(study, data, engine, Budget(0), timeout, NEVER, False, gathering, display)


def _carried_on(
    study: StoredStudy,
    data: Prepared,
    engine: Engine,
    budget: Budget,
    timeout: float | None,
    rules: StopRules,
    asynchronous: bool,
    gathering: Gathering | None,
    display: Display,
) -> Summary:
    began = monotonic()
    tally = Tally(display, study.spec.search.direction == "maximize")
    deadline = began + (math.inf if timeout is None else timeout)
    with explained(study.database.address), _unless_deleted(study), _leases(study) as leases:
        decided = study.execution is not None
        execution, checkpoints = settle(study, data, leases), Checkpoints(study.folder, study.uid)
        if not decided:
            tally.show(events.Settled(execution))
        workshop = Workshop(study.spec, execution, data, engine, checkpoints, tally.show, deadline)
        patience = Patience(study.database, tally.show, workshop.check_time)
        stopped: Stopped | None = None
        while stopped is None:
            sharing = Sharing(study, leases, tally.show, workshop.check_time)
            try:
                stopped = _Run(study, workshop, tally, rules, leases, sharing, asynchronous, budget, gathering).all()
            except OutOfTime:
                stopped = "timeout"
            except LOST as error:
                stopped = _waited(patience, error, tally)
                study = study.anew()  # Nothing that was read before counts.
    seconds = monotonic() - began
    return Summary(tally.outcomes.total(), dict(tally.outcomes), tally.lane_steps, seconds, stopped, tally.evidence)


def _waited(patience: Patience, error: Exception, tally: Tally) -> Stopped | None:
    """Wait for a storage that was lost; the reason to stop when the run's time is over meanwhile."""
    try:
        patience.wait(error, tally.outcomes.total() + tally.evidence)
    except OutOfTime:
        return "timeout"
    return None


def _leases(study: StoredStudy) -> Leases:
    return Leases(study.database, study.identifier, study.uid)


@contextmanager
def _unless_deleted(study: StoredStudy) -> Iterator[None]:
    try:
        yield
    except (KeyError, IntegrityError, StorageInternalError):  # As Optuna and databases say that a record is not there.
        if not exists(study):
            Checkpoints(study.folder).keep_only(())
            what = f"study '{study.name}' was deleted while it ran, or its storage replaced"
            raise NotFound(f"{what}: what it had told is in {study.database.address} no longer") from None
        raise


@dataclass(frozen=True)
class _Run:
    """One run of a study; what it knows is in the storage and on the disk."""

    study: StoredStudy
    workshop: Workshop
    tally: Tally
    rules: StopRules
    leases: Leases
    sharing: Sharing
    asynchronous: bool
    budget: Budget
    gathering: Gathering | None

    def all(self) -> Stopped:
        """Finish what is open and ask for more until there is a reason to stop."""
        now = self._begin()
        stage: str | None = None
        while True:
            found = self._next(now)
            if not isinstance(found, _Work):
                return found
            cohort = found.cohort
            if cohort.evidence is None:
                stage = self._turn_to(stage, found.now.stage(cohort.stage))
            now = self._finish(found)

    def _next(self, now: Moment) -> "_Work | Stopped":
        """A cohort that is this driver's, or the reason to stop; waits where the other drivers have to be waited for."""
        while True:
            self.workshop.check_time()
            left, others = self.sharing.opened(now)
            if left:
                if mine := self.sharing.take_up():
                    return _Work(*mine, resumed=True)
                now = self.study.now()
                continue
            plan = self._plan(now)
            if plan is None and (not others or (self.budget.left is not None and self.gathering is None)):
                with suppress(Outrun):
                    return self._gather(now) or ("trials" if now.missing() else "done")
                now = self.study.now()
                continue
            if plan is None or (others and not self._side_by_side(plan, now)):
                self.sharing.wait(others)
                now = self.study.now()
                continue
            if broken := self.rules.broken(self.study.spec, now.trials()):
                return broken
            with suppress(Outrun):
                asked = self._ask(now, plan)
                if asked is None:
                    return "grid"
                self.budget.spend(asked.trials)
                return _Work(asked.cohort, asked.now, resumed=False)
            now = self.study.now()

    def _gather(self, now: Moment) -> "_Work | None":
        """The next evidence, where there is to be any."""
        batch = self.gathering(now) if self.gathering is not None else None
        if batch is None:
            return None
        self.tally.show(events.Noted(batch.says))
        asked = open_batch(now, batch, self.leases)
        return _Work(asked.cohort, asked.now, resumed=False)

    def _ask(self, now: Moment, plan: Plan) -> Asked | None:
        """See open_cohort. What depends on no other trial is asked while nobody else asks, instead of once for each of them."""
        if not side_by_side(self.study.spec.search, plan):
            return open_cohort(now, plan, self.leases, self.asynchronous)
        with self.leases.alone():
            if self.study.database.census(self.study.identifier) != now.census:
                now = self.study.now()
                later = self._plan(now)
                if later is None or not self._side_by_side(later, now):
                    raise Outrun
                plan = later
            return open_cohort(now, plan, self.leases, self.asynchronous)

    def _side_by_side(self, plan: Plan, now: Moment) -> bool:
        """Whether the next cohort can be asked while others are open: neither a rule nor a repeated point makes it wait."""
        if self.asynchronous:  # Nobody expects what one driver alone would have asked; but a stage begins when all are there.
            return plan.stage.asked > 0
        free = self.rules == NEVER and never_repeats(self.study.spec) and not waiting(now)
        return free and side_by_side(self.study.spec.search, plan)

    def _begin(self) -> Moment:
        with self.leases.alone():  # So that nobody opens a cohort whose files would then be taken for old ones.
            now = self.study.now()
            opened = [trial.number for trial in now.open if same_as_of(trial) is None]
            self.workshop.checkpoints.keep_only(opened)
        for trial in now.trials():
            if trial.state == TrialState.COMPLETE:
                self.tally.is_best(value_of(trial))
        stages = now.stages()
        lacking = sum(max(0, stage.trials - stage.asked) for stage in stages) or len(waiting(now))
        planned = sum(stage.asked for stage in stages) + (lacking if self.budget.left is None else self.budget.left)
        self.tally.show(events.RunStarted(self.study.name, planned, sum(stage.told for stage in stages), len(opened)))
        self.tally.show_others(of_others(now))
        return now

    def _plan(self, now: Moment) -> Plan | None:
        cohort = self.workshop.execution.cohort
        assert cohort is not None
        plan = next_plan(self.study.spec, now.stages(), now.trials(), self.budget.left, cohort, len(waiting(now)))
        return self._first_share(plan) if plan is not None and self.asynchronous else plan

    def _first_share(self, plan: Plan) -> Plan:
        """Only as many trials as there are slots for: the cohort will grow."""
        execution, slots = self.workshop.execution, max(1, self.workshop.engine.slots)
        each = trials_per_slot(execution, self.study.spec.search.replicates)
        return replace(plan, trials=min(plan.left, share(each, slots, slots, plan.left)))

    def _turn_to(self, before: str | None, stage: StageState) -> str:
        if stage.name != before:
            self.tally.show(events.StageStarted(stage.name, stage.trials, stage.box or {}, stage.kept, stage.notes))
        return stage.name

    def _finish(self, work: "_Work") -> Moment:
        """Bring a cohort to its end; the study after it."""
        cohort = work.cohort
        numbers = tuple(member.number for member in cohort.members)
        self.tally.show(events.CohortAsked(cohort.stage, cohort.number, numbers, work.resumed))
        try:
            if cohort.asynchronous:
                # A run that is not asynchronous itself does not let it grow.
                growth = Growth(self.study, self.leases, cohort, self.rules, self.budget if self.asynchronous else Budget(0))
                Rolling(self.study, self.workshop, self.tally, self.leases, cohort, growth).finish()
            else:
                self._climb(cohort, work.now)
            if cohort.repeats or cohort.asynchronous:  # The latter may have come to some as it grew.
                self.tally.show_repeats(cohort.stage, tell_repeats(self.study, self.leases, cohort.number))
        except LeaseLost:
            return self.study.now()
        self.leases.give_back(cohort.number)
        now = self.study.now()
        _check_not_all_failed(now)
        self.tally.show_others(of_others(now))
        stage = now.stage(cohort.stage)
        if not stage.missing and cohort.evidence is None:
            self.tally.show(events.StageDone(stage.name, stage.outcomes))
        return now

    def _climb(self, cohort: Cohort, now: Moment) -> None:
        """Bring a cohort through the rungs together."""
        spec = self.study.spec
        # A copy of all trials takes a second where there are ten thousand.
        peers = () if cohort.evidence else now.trials() if compares(spec.search) else now.cohort(cohort.number)
        there = [trial for trial in peers if same_as_of(trial) is None]
        judge = Judge(spec, comparable(spec, cohort.stage, there), cohort.epochs)
        while cohort.members:
            cohort = self._rung(cohort, judge)

    def _rung(self, cohort: Cohort, judge: Judge) -> Cohort:
        workshop, begin, rung = self.workshop, cohort.reached, next_rung(self.study.spec, cohort)
        workshop.check_time()
        lanes = workshop.lanes(cohort.members, rung)
        jobs, steps = len(workshop.groups(lanes)), workshop.lane_steps(lanes, begin)
        self.tally.show(events.RungStarted(cohort.number, begin, rung, len(lanes), jobs, steps))
        failures = workshop.train(lanes, begin)
        verdicts = judged(self.study, cohort, rung, workshop.checkpoints, failures, judge)
        tell(self.study, self.leases, cohort.number, verdicts)
        after = survivors(cohort, verdicts, rung)
        self._tidy(cohort, after, rung)
        self.tally.show_told(cohort.stage, verdicts, cohort.evidence)
        self.tally.show(events.RungDone(cohort.number, rung, len(after.members)))
        return after

    def _tidy(self, before: Cohort, after: Cohort, rung: int) -> None:
        """Remove the checkpoints that nothing depends on any more, now that the storage knows more than they do."""
        live = {member.number for member in after.members}
        ended = {member.number for member in before.members} - live
        self.workshop.checkpoints.forget(live, before=rung)
        self.workshop.checkpoints.forget(ended)


@dataclass(frozen=True, slots=True)
class _Work:
    """A cohort to finish."""

    cohort: Cohort
    now: Moment
    """The study as the cohort was taken."""
    resumed: bool


def _check_not_all_failed(now: Moment) -> None:
    if now.told and all(outcome_of(trial) == "error" for trial in now.told):
        first = now.told[0]
        raise AllTrialsFailed(f"all {len(now.told)} trials failed with an error; that of trial {first.number}: {error_of(first)}")
