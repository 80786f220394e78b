"""What a rung says about a trial: its values, and whether and how it ends here. Pure."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from optuna.trial import TrialState

from .. import attributes
from ..attributes import Divergence, Outcome
from ..engines import JobFailure
from ..training.job import EpochMetrics
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
    divergence: Divergence | None = None
    error: str | None = None

    @property
    def epochs(self) -> int:
        """Epochs that it was trained for."""
        return max((len(epochs) for epochs in self.replicates), default=0)

    @property
    def value(self) -> float | None:
        """The value to tell: that of the last epoch; None for a trial that has none to compare."""
        return self.values[max(self.values)] if self.outcome in ("completed", "pruned") else None


STATES: Mapping[Outcome, TrialState] = {
    "completed": TrialState.COMPLETE,
    "pruned": TrialState.PRUNED,
    "diverged": TrialState.PRUNED,
    "error": TrialState.FAIL,
}


def verdict(
    member: Member, records: Sequence[LaneRecord], failures: Mapping[LaneId, JobFailure], metric: str, begin: int
) -> Verdict:
    """The verdict on a trial from the records of its lanes; the pruner has not been asked yet."""
    failed = [failure for (trial, _), failure in sorted(failures.items()) if trial == member.number]
    if failed:
        return Verdict(member, {}, "error", (), error=failed[0].error)
    values = _means(records, metric, begin)
    replicates = [record.epochs for record in records]
    divergence = _divergence(records, values)
    if divergence is not None:
        return Verdict(member, values, "diverged", replicates, divergence)
    done = records[0].end == member.training.epochs
    return Verdict(member, values, "completed" if done else None, replicates)


def _means(records: Sequence[LaneRecord], metric: str, begin: int) -> dict[int, float]:
    by_epoch = zip(*(record.epochs[begin:] for record in records), strict=False)
    means = {epochs[0].epoch: sum(getattr(epoch, metric) for epoch in epochs) / len(epochs) for epochs in by_epoch}
    return {epoch: value for epoch, value in means.items() if math.isfinite(value)}


def _divergence(records: Sequence[LaneRecord], values: Mapping[int, float]) -> Divergence | None:
    found = [Divergence(*record.divergence, record.lane[1]) for record in records if record.divergence is not None]
    if found:
        return min(found, key=lambda divergence: (divergence.epoch, divergence.replicate))
    end = records[0].end
    return None if end in values else Divergence("non-finite", None, end, None, None, 0)


def attributes_of(verdict: Verdict) -> dict[str, object]:
    """The user attributes of a trial that ends with this verdict."""
    found: dict[str, object] = {attributes.OUTCOME: verdict.outcome}
    if verdict.divergence is not None:
        found[attributes.DIVERGENCE] = verdict.divergence._asdict()
    if verdict.error is not None:
        found[attributes.ERROR] = verdict.error
    for replicate, epochs in enumerate(verdict.replicates):
        found |= attributes.curve_attributes(replicate, epochs)
    return found
