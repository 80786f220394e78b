"""Bringing the lanes of a cohort to the end of a rung: what is on disk is done, the rest becomes jobs."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from time import monotonic
from typing import Literal, cast, overload

from ..data import Prepared
from ..engines import Engine, JobFailure
from ..spec import ExecutionSpec, StudySpec
from ..training.grouping import effort, lane_key
from ..training.job import Job, JobResult, Lane, LaneResult, Progress
from .checkpoints import Checkpoints, LaneId, LaneRecord
from .cohort import Member
from .events import Display, JobProgress, Noted
from .grouping import grouped


class OutOfTime(BaseException):
    """The time that a run was given is over. Like KeyboardInterrupt, no failure of whatever is going on."""


@dataclass(frozen=True, slots=True)
class NetworkLane:
    """One lane of an open trial on its way to a rung."""

    member: Member
    replicate: int
    end: int
    """The epoch that it is to reach: the rung, or its own last one if that comes first."""

    @property
    def id(self) -> LaneId:
        """Trial number and replicate."""
        return self.member.number, self.replicate


Group = tuple[NetworkLane, ...]


@dataclass(frozen=True)
class Workshop:
    """Where the lanes of one study are trained."""

    spec: StudySpec
    execution: ExecutionSpec
    data: Prepared
    engine: Engine
    checkpoints: Checkpoints
    display: Display
    deadline: float
    """Of the monotonic clock; infinity for none."""

    def lanes(self, members: Sequence[Member], rung: int) -> list[NetworkLane]:
        """All lanes of open trials on their way to a rung."""
        return [NetworkLane(member, network, min(rung, member.epochs)) for member in members for network in member.networks]

    def groups(self, lanes: Sequence[NetworkLane]) -> list[Group]:
        """The jobs that these lanes make."""
        most, groups = self.execution.lanes, self.execution.groups
        assert most is not None
        assert groups is not None
        return grouped(lanes, self.key, most, groups)

    def key(self, lane: NetworkLane) -> tuple[str, int]:
        """Lanes with equal keys that have reached the same epoch may share a job."""
        return lane_key(lane.member.model, lane.member.training, lane.replicate), lane.end

    def lane_steps(self, lanes: Sequence[NetworkLane], begin: int) -> int:
        """Steps that these lanes take from the end of epoch `begin` on, at the most where their budget is in seconds."""
        return sum(lane.member.training.steps_between(begin, lane.end, len(self.data.train)) for lane in lanes)

    def run(self, groups: Sequence[Group]) -> Iterator[tuple[int, JobFailure | None]]:
        """Train groups of lanes from where their trials are; a group's index, as it ends, its records kept or why there are none.

        Groups that are appended meanwhile are trained as well.
        """
        self._say_damage()
        jobs = _Jobs(groups, lambda group: self._job(group, group[0].member.reached))
        for index, outcome in self.engine.run(jobs, self._progress):
            if isinstance(outcome, JobFailure):
                yield index, outcome
            else:
                self._keep(groups[index], groups[index][0].member.reached, outcome)
                yield index, None

    def train(self, lanes: Sequence[NetworkLane], begin: int) -> dict[LaneId, JobFailure]:
        """Have a record of every lane at its end, but for those that it returns: they failed, each by itself."""
        unfinished = [
            group for group in self.groups(lanes) if any(self.checkpoints.read(lane.id, lane.end) is None for lane in group)
        ]
        failures = self.recover([lane for group in unfinished for lane in group], begin)
        able = [tuple(lane for lane in group if lane.id not in failures) for group in unfinished]
        return failures | self._run([group for group in able if group], begin)

    def recover(self, lanes: Sequence[NetworkLane], begin: int) -> dict[LaneId, JobFailure]:
        """Train lanes whose checkpoint is not on this machine, or not any more, from scratch to where they were."""
        if begin == 0:
            return {}
        lost = [
            NetworkLane(lane.member, lane.replicate, begin) for lane in lanes if self.checkpoints.read(lane.id, begin) is None
        ]
        return self._run(self.groups(lost), 0) if lost else {}

    def _run(self, groups: Sequence[Group], begin: int) -> dict[LaneId, JobFailure]:
        self._say_damage()
        failures: dict[LaneId, JobFailure] = {}
        starved: list[Group] = []
        groups = sorted(groups, key=lambda group: -self._effort(group, begin))  # So that none of them is waited for alone.
        while groups:
            failed: list[tuple[Group, JobFailure]] = []
            for index, outcome in self.engine.run(_Jobs(groups, lambda group: self._job(group, begin)), self._progress):
                if isinstance(outcome, JobFailure):
                    failed.append((groups[index], outcome))
                else:
                    self._keep(groups[index], begin, outcome)
            failures |= {group[0].id: failure for group, failure in failed if len(group) == 1}
            starved += [group for group, failure in failed if len(group) == 1 and failure.out_of_memory]
            # One network may spoil a job, or a job be too large for the memory: its halves show which.
            groups = [
                half for group, _ in sorted(failed, key=lambda pair: pair[0][0].id) if len(group) > 1 for half in halves(group)
            ]
        return failures if not starved else self.alone(starved, begin, failures)

    def alone(self, groups: Sequence[Group], begin: int, failures: dict[LaneId, JobFailure]) -> dict[LaneId, JobFailure]:
        """Try networks that did not fit into the memory once more, each with the machine for itself."""
        left = dict(failures)
        for group in sorted(groups, key=lambda group: group[0].id):
            for _, outcome in self.engine.run(_Jobs([group], lambda group: self._job(group, begin)), self._progress):
                del left[group[0].id]
                if isinstance(outcome, JobFailure):
                    left[group[0].id] = replace(outcome, error=f"out of memory, even alone: {outcome.error}")
                else:
                    self._keep(group, begin, outcome)
        return left

    def _effort(self, group: Group, begin: int) -> float:
        shape, classes = self.data.shape, len(self.data.classes)
        return sum(
            effort(lane.member.model, lane.member.training, self.lane_steps([lane], begin), shape, classes) for lane in group
        )

    def _job(self, group: Group, begin: int) -> Job:
        lanes = tuple(
            Lane(member.place, lane.replicate, member.model, member.training, self._checkpoint(lane, begin), member.number)
            for lane in group
            for member in [lane.member]
        )
        device = cast(Literal["cpu", "cuda"], self.execution.device)
        precision = cast(Literal["float32", "bfloat16", "float64"], self.execution.precision)
        last = all(_is_last(lane) for lane in group)
        return Job(self.spec.seed, self.data, lanes, begin, group[0].end, device, precision, last=last)

    def _checkpoint(self, lane: NetworkLane, begin: int) -> bytes | None:
        return self.checkpoints.kept(lane.id, begin).checkpoint if begin else None

    def _say_damage(self) -> None:
        if damage := self.checkpoints.damage():
            self.display(Noted(damage))

    def _keep(self, group: Group, begin: int, result: JobResult) -> None:
        for note in result.notes:
            self.display(Noted(note))
        self.checkpoints.write(self._record(lane, begin, found) for lane, found in zip(group, result.lanes, strict=True))

    def _record(self, lane: NetworkLane, begin: int, found: LaneResult) -> LaneRecord:
        before = self.checkpoints.kept(lane.id, begin, state=False) if begin else None
        return LaneRecord(
            lane.id,
            lane.end,
            (*(before.epochs if before else ()), *found.epochs),
            found.divergence,
            None if _is_last(lane) else found.checkpoint,
            (*(before.points if before else ()), *found.points),
        )

    def _progress(self, progress: Progress) -> None:
        self.display(JobProgress(progress))
        self.check_time()

    def check_time(self) -> None:
        """Raise OutOfTime after the deadline."""
        if monotonic() > self.deadline:
            raise OutOfTime


class _Jobs(Sequence[Job]):
    """Jobs that are made when an engine takes them, so that the checkpoints of few are in memory at a time."""

    def __init__(self, groups: Sequence[Group], make: Callable[[Group], Job]) -> None:
        self._groups = groups
        self._make = make

    def __len__(self) -> int:
        return len(self._groups)

    @overload
    def __getitem__(self, index: int) -> Job: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Job]: ...
    def __getitem__(self, index: int | slice) -> Job | Sequence[Job]:
        if isinstance(index, slice):
            return _Jobs(self._groups[index], self._make)
        return self._make(self._groups[index])


def _is_last(lane: NetworkLane) -> bool:
    return lane.end == lane.member.epochs


def halves(group: Group) -> Iterator[Group]:
    """The two halves of a group, the first one larger by one lane where they are not equal."""
    middle = (len(group) + 1) // 2
    yield from (group[:middle], group[middle:])
