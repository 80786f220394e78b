"""A cohort that is asked trial by trial: whenever a slot of the engine is free, lanes that wait for one go on, or new ones begin.

Its trials pass the rungs each by itself, judged by what is known then. What is stored is what any cohort stores, so that a kill
loses no more: every trial is told once, and goes on from its last rung.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from optuna.trial import FrozenTrial

from ..attributes import same_as_of
from ..engines import JobFailure
from ..search import comparable
from ..spec import ExecutionSpec
from ..storage import Leases
from . import events
from .checkpoints import LaneId
from .cohort import Cohort, Member, next_rung
from .growing import Growth
from .judging import Judge
from .slots import Pool, share
from .stored import StoredStudy
from .tally import Tally
from .telling import judged, survivors, tell
from .work import Group, NetworkLane, Workshop, halves


@dataclass
class Rolling:
    """A cohort on its way."""

    study: StoredStudy
    workshop: Workshop
    tally: Tally
    leases: Leases
    cohort: Cohort
    growth: Growth
    """How it grows; it does not where nothing is left to ask."""
    _open: dict[int, Member] = field(default_factory=dict)
    _to_come: Counter[int] = field(default_factory=Counter)
    """Lanes of each open trial that have not got to its next rung yet."""
    _failures: dict[LaneId, JobFailure] = field(default_factory=dict)
    _starved: list[Group] = field(default_factory=list)
    """Single lanes for which there was no memory beside others: they are tried again when all others are done."""
    _groups: list[Group] = field(default_factory=list)
    """What the engine has been given in its present run; it takes up what is appended."""
    _under_way: dict[int, Group] = field(default_factory=dict)
    """By their places in `_groups`."""

    def __post_init__(self) -> None:
        most = self.workshop.execution.lanes
        assert most is not None
        self.growth.look()
        self._pool: Pool[NetworkLane] = Pool(most)
        self._judge = Judge(self.study.spec, self._peers(self.growth.with_results()), self.cohort.epochs, asynchronous=True)

    def finish(self) -> None:
        """Bring all its trials to their ends, and those that it grows by. Raises LeaseLost."""
        self._recover()
        self._admit(self.cohort.members)
        while self._begin():
            for index, failure in self.workshop.run(self._groups):
                self._end(self._under_way.pop(index), failure)
                self._fill()
        self.workshop.checkpoints.forget(())

    def _recover(self) -> None:
        """Make the checkpoints again that are not on this machine."""
        for reached in sorted({member.reached for member in self.cohort.members} - {0}):
            members = [member for member in self.cohort.members if member.reached == reached]
            self._failures |= self.workshop.recover(self.workshop.lanes(members, reached), reached)

    def _begin(self) -> bool:
        """Have groups for another run of the engine; False when there is nothing left to do."""
        # Whatever the last one has left undone is done now.
        self._groups = list(self._under_way.values())
        self._under_way = dict(enumerate(self._groups))
        self._fill()
        if not self._groups and self._starved:
            self._try_alone()
            self._fill()
        return bool(self._groups)

    def _fill(self) -> None:
        """Hand out what there is for the free slots."""
        # An engine that has lost all its machines is given a job to wait with.
        free = max(self.workshop.engine.slots - len(self._under_way), 0 if self._under_way else 1)
        for left in range(free, 0, -1):
            group = self._next(left)
            if not group:
                return
            self._hand_out(group)

    def _next(self, free: int) -> Group:
        group = self._pool.take(free, more=self.growth.left > 0)
        while not group and self.growth.left > 0:
            self._ask(free)
            group = self._pool.take(free, more=self.growth.left > 0)
        return group

    def _hand_out(self, group: Group) -> None:
        self._under_way[len(self._groups)] = group
        self._groups.append(group)
        lanes = sum(map(len, self._under_way.values()))
        member = group[0].member
        self.tally.show(events.GroupStarted(self.cohort.number, member.reached, group[0].end, len(group), lanes))

    def _ask(self, free: int) -> None:
        if self.tally.outcomes and set(self.tally.outcomes) == {"error"}:
            self.growth.left = 0  # The run looks, when these are done, whether there is any point in going on.
            return
        execution, slots = self.workshop.execution, max(1, self.workshop.engine.slots)
        per_slot = trials_per_slot(execution, self.study.spec.search.replicates)
        members = self.growth.ask(share(per_slot, slots, min(free, slots), self.growth.left))
        for trial in self._peers(self.growth.others):
            self._judge.add(trial)
        self.growth.others = []
        self._admit(members)
        numbers = tuple(self._open)
        if members:
            self.tally.show(events.CohortAsked(self.cohort.stage, self.cohort.number, numbers, resumed=False))

    def _peers(self, trials: Iterable[FrozenTrial]) -> list[FrozenTrial]:
        """Those that a pruner compares others with."""
        return comparable(self.study.spec, self.cohort.stage, (trial for trial in trials if same_as_of(trial) is None))

    def _admit(self, members: Iterable[Member]) -> None:
        """Let open trials go on to their next rungs: those whose records are on the disk are there already."""
        for member in members:
            self._open[member.number] = member
            self._judge.add(self.growth.trials[member.number])
            lanes = self.workshop.lanes([member], self._rung(member))
            missing = [lane for lane in lanes if self._missing(lane)]
            self._to_come[member.number] = len(missing)
            for lane in missing:
                self._pool.add(member.reached, self.workshop.key(lane), lane)
            if not missing:
                self._settle([member])

    def _missing(self, lane: NetworkLane) -> bool:
        return lane.id not in self._failures and self.workshop.checkpoints.read(lane.id, lane.end) is None

    def _rung(self, member: Member) -> int:
        return next_rung(self.study.spec, self._alone([member]))

    def _alone(self, members: Sequence[Member]) -> Cohort:
        """These trials, which stand at one rung, as a cohort of their own."""
        return replace(self.cohort, members=tuple(members), epochs=members[0].epochs)

    def _end(self, group: Group, failure: JobFailure | None) -> None:
        """Take a job's end in."""
        if failure is not None and len(group) > 1:
            # One network may spoil a job, or a job be too large for the memory: its halves show which.
            for half in halves(group):
                self._hand_out(half)
        elif failure is not None and failure.out_of_memory:
            self._starved.append(group)
        else:
            if failure is not None:
                self._failures[group[0].id] = failure
            self._arrive(group)

    def _try_alone(self) -> None:
        groups, self._starved = self._starved, []
        for group in groups:
            lost = JobFailure("out of memory", "", out_of_memory=True)
            self._failures |= self.workshop.alone([group], group[0].member.reached, {group[0].id: lost})
            self._arrive(group)

    def _arrive(self, group: Group) -> None:
        """Lanes have got to their rung; the trials that all lanes of have are judged."""
        self._to_come.subtract(lane.member.number for lane in group)
        numbers = sorted({lane.member.number for lane in group})
        if there := [self._open[number] for number in numbers if not self._to_come[number]]:
            self._settle(there)

    def _settle(self, members: Sequence[Member]) -> None:
        """Judge and tell trials that stand at one rung; those that go on wait for a slot."""
        study, checkpoints, cohort = self.study, self.workshop.checkpoints, self._alone(members)
        rung = next_rung(study.spec, cohort)
        verdicts = judged(study, cohort, rung, checkpoints, self._failures, self._judge)
        tell(study, self.leases, cohort.number, verdicts)
        after = survivors(cohort, verdicts, rung)
        live = {member.number for member in after.members}
        lanes = self.workshop.lanes(members, rung)
        checkpoints.remove((lane.id for lane in lanes), cohort.reached)
        checkpoints.remove((lane.id for lane in lanes if lane.member.number not in live), rung)
        for number in {member.number for member in members} - live:
            del self._open[number], self._to_come[number]
        self.growth.learn(verdicts)
        self.tally.show_told(cohort.stage, verdicts)
        self._admit(after.members)


def trials_per_slot(execution: ExecutionSpec, replicates: int) -> int:
    """How many new trials go into one slot: as many as in a group of a cohort that is asked together."""
    lanes, cohort, groups = execution.lanes, execution.cohort, execution.groups
    assert lanes is not None
    assert cohort is not None
    assert groups is not None
    return max(1, min(lanes // replicates, -(-cohort // groups)))
