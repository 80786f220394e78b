"""What a rung says about a trial: its values, and whether and how it ends here. Pure."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from optuna.trial import TrialState

from .. import attributes
from ..attributes import AtChance, Divergence, Outcome
from ..engines import JobFailure
from ..spec import SearchSpec
from ..training.job import EpochMetrics, StepMetrics
from .checkpoints import LaneId, LaneRecord
from .cohort import Member


@dataclass(frozen=True, slots=True)
class Verdict:
    """A trial at a rung."""

    member: Member
    values: Mapping[int, float]
    """The metric by epoch, the mean over the replicates, for the epochs of this rung at which all of them have a finite one."""
    outcome: Outcome | None
    """None: it goes on, unless the pruner gives it up."""
    replicates: Sequence[Sequence[EpochMetrics]]
    """All epochs so far."""
    points: Sequence[Sequence[StepMetrics]] = ()
    """The curves by steps so far, by replicate."""
    told: float | None = None
    """The value to tell if it ends here."""
    divergence: Divergence | None = None
    error: str | None = None
    at_chance: AtChance | None = None
    second: float | None = None
    """Value of the second objective, where there is one."""

    @property
    def epochs(self) -> int:
        """Epochs that it was trained for."""
        return max((len(epochs) for epochs in self.replicates), default=0)

    @property
    def value(self) -> float | None:
        """The value to tell; None for a trial that has none to compare."""
        return self.told if self.outcome in ("completed", "pruned") else None

    @property
    def objectives(self) -> list[float] | None:
        """The values to tell, one for each objective."""
        return None if self.value is None else [self.value] if self.second is None else [self.value, self.second]


STATES: Mapping[Outcome, TrialState] = {
    "completed": TrialState.COMPLETE,
    "pruned": TrialState.PRUNED,
    "diverged": TrialState.PRUNED,
    "error": TrialState.FAIL,
}


def verdict(
    member: Member, records: Sequence[LaneRecord], failures: Mapping[LaneId, JobFailure], search: SearchSpec, begin: int
) -> Verdict:
    """The verdict on a trial from the records of its lanes; the pruner has not been asked yet."""
    failed = [failure for (trial, _), failure in sorted(failures.items()) if trial == member.number]
    if failed:
        return Verdict(member, {}, "error", (), error=failed[0].error)
    means = _means(records, search.metric)
    values = {epoch: value for epoch, value in means.items() if epoch > begin}
    replicates, points = [record.epochs for record in records], [record.points for record in records]
    divergence = _divergence(records, values)
    if divergence is not None:
        return Verdict(member, values, "diverged", replicates, points, divergence=divergence)
    done = records[0].end == member.epochs
    return Verdict(member, values, "completed" if done else None, replicates, points, _value(means, search))


def told_value(records: Sequence[LaneRecord], search: SearchSpec) -> float | None:
    """The value of networks that have trained to their end; None where the metric was not finite there."""
    means = _means(records, search.metric)
    return _value(means, search) if min(len(record.epochs) for record in records) in means else None


def _value(means: Mapping[int, float], search: SearchSpec) -> float:
    if search.value == "last":
        return means[max(means)]
    return max(means.values()) if search.direction == "maximize" else min(means.values())


def _means(records: Sequence[LaneRecord], metric: str) -> dict[int, float]:
    by_epoch = zip(*(record.epochs for record in records), strict=False)
    means = {epochs[0].epoch: sum(getattr(epoch, metric) for epoch in epochs) / len(epochs) for epochs in by_epoch}
    return {epoch: value for epoch, value in means.items() if math.isfinite(value)}


def _divergence(records: Sequence[LaneRecord], values: Mapping[int, float]) -> Divergence | None:
    places = enumerate(records)  # Among the trial's own networks, as its curves are.
    found = [Divergence(*record.divergence, place) for place, record in places if record.divergence is not None]
    if found:
        return min(found, key=lambda divergence: (divergence.epoch, divergence.replicate))
    end = min(len(record.epochs) for record in records)  # Fewer than it was to reach when its time was over.
    return None if end in values else Divergence("non-finite", None, end, None, None, 0)


def attributes_of(verdict: Verdict, balanced: bool) -> dict[str, object]:
    """The user attributes of a trial that ends with this verdict; the balanced accuracy where it is wanted."""
    seconds = sum(epoch.seconds for epochs in verdict.replicates for epoch in epochs)
    found: dict[str, object] = {attributes.OUTCOME: verdict.outcome, attributes.SECONDS: seconds}
    if verdict.divergence is not None:
        found[attributes.DIVERGENCE] = verdict.divergence._asdict()
    if verdict.at_chance is not None:
        found[attributes.AT_CHANCE] = verdict.at_chance
    if verdict.error is not None:
        found[attributes.ERROR] = verdict.error
    for replicate, epochs in enumerate(verdict.replicates):
        found |= attributes.curve_attributes(replicate, _told(epochs, balanced))
    for replicate, points in enumerate(verdict.points):
        found |= attributes.curve_attributes(replicate, _told(points, balanced), attributes.POINTS)
    return found


def _told(curve: Sequence[EpochMetrics | StepMetrics], balanced: bool) -> Sequence[EpochMetrics | StepMetrics]:
    return curve if balanced else [point._replace(validation_balanced_accuracy=None) for point in curve]
