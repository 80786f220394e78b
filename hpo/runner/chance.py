"""Whether a network that trained to its end knows any more than a guess: it never learnt, or it fell back late. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from ..attributes import AtChance
from ..training.job import EpochMetrics


def chance_bound(data: Mapping[str, Any]) -> float:
    """The accuracy up to which a network is at chance: 1 / classes, and three of its standard errors on the validation images.

    `data` is what is stored of the study's images.
    """
    share = 1 / int(data["classes"])
    return float(share + 3 * (share * (1 - share) / int(data["validation"])) ** 0.5)


def at_chance(replicates: Sequence[Sequence[EpochMetrics]], bound: float) -> AtChance | None:
    """stuck: a network was never above the bound; late: one was, and is not after its last epoch; None: all are above it."""
    fallen = [epochs for epochs in replicates if epochs and epochs[-1].validation_accuracy <= bound]
    if not fallen:
        return None
    return "stuck" if any(all(epoch.validation_accuracy <= bound for epoch in epochs) for epochs in fallen) else "late"
