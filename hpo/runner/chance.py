"""Whether a network that trained to its end knows any more than a guess: it never learnt, or it fell back late. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from ..attributes import AtChance, canonical
from ..spec import StudySpec
from ..training.job import EpochMetrics

BALANCED = "validation_balanced_accuracy"


class Bounds(NamedTuple):
    """What a guess reaches at the most on the validation images."""

    accuracy: float
    balanced_accuracy: float | None
    """None: the study does not look at it."""


def bounds_of(data: Mapping[str, Any], spec: StudySpec) -> Bounds:
    """The bounds of a study; `data` is what is stored of its images.

    A study that was begun before the guess was stored keeps its own: 1 / classes and three standard errors.
    """
    if "guess" not in data:
        share = 1 / int(data["classes"])
        return Bounds(share + 3 * (share * (1 - share) / int(data["validation"])) ** 0.5, None)
    found = data["guess"]
    return Bounds(found["accuracy"], found["balanced_accuracy"] if tells_balanced(data, spec) else None)


def tells_balanced(data: Mapping[str, Any], spec: StudySpec) -> bool:
    """Whether the trials carry their balanced accuracy: where accuracy alone deceives, or the study file names it."""
    return bool(data.get("guess", {}).get("unbalanced")) or BALANCED in canonical(spec.model_dump(mode="json"))


def at_chance(replicates: Sequence[Sequence[EpochMetrics]], bounds: Bounds) -> AtChance | None:
    """stuck: a network was never above the bounds; late: one was, and is not after its last epoch; None: all are above one."""
    fallen = [epochs for epochs in replicates if epochs and _guesses(epochs[-1], bounds)]
    if not fallen:
        return None
    return "stuck" if any(all(_guesses(epoch, bounds) for epoch in epochs) for epochs in fallen) else "late"


def _guesses(epoch: EpochMetrics, bounds: Bounds) -> bool:
    balanced = epoch.validation_balanced_accuracy
    knows = bounds.balanced_accuracy is not None and balanced is not None and balanced > bounds.balanced_accuracy
    return epoch.validation_accuracy <= bounds.accuracy and not knows
