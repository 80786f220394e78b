"""What a test of a claim comes to."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, NamedTuple

Verdict = Literal["supported", "contradicted", "not enough evidence"]

LEVEL = 0.05
"""A verdict is given when its p, corrected for the number of claims, is at most this."""


def no_telling(level: float) -> int | None:
    """How many more would do is not known."""
    return None


class Evidence(NamedTuple):
    """What one test says, before it is corrected for how many tests there are."""

    sentence: str
    """What was measured, in plain English, with the effect and its interval."""
    effect: float
    low: float
    high: float
    """95 % interval of the effect."""
    n: int
    """Independent units that the test rests on: trials, or networks at one point."""
    p: float
    """Two-sided: of the nearest state of the world in which the claim would be judged otherwise."""
    holds: bool
    """Whether the effect lies where the claim puts it."""
    more: Callable[[float], int | None] = no_telling
    """Units needed besides, to decide at a level with a power of 0.8 if the effect is as large as it looks."""
    notes: tuple[str, ...] = ()


class Undecidable(Exception):
    """The trials at hand cannot say anything about a claim."""

    def __init__(self, reason: str, n: int = 0, more: int | None = None) -> None:
        self.reason, self.n, self.more = reason, n, more
        super().__init__(reason)


@dataclass(frozen=True, slots=True)
class Finding:
    """A claim with its verdict."""

    claim: str
    kind: str
    sentence: str
    """One sentence that stands by itself: what was measured, or why nothing could be."""
    verdict: Verdict
    effect: float | None
    """In the units of the kind (see docs/findings.md); None where nothing could be measured."""
    low: float | None
    """Lower end of the 95 % interval of the effect; None where there is no effect or no limit."""
    high: float | None
    n: int
    """Independent units that the test rests on."""
    p: float | None
    """Two-sided, of this claim alone, over all looks at it."""
    corrected: float | None
    """p after Holm's correction for all claims that were tested together; decides the verdict."""
    more_trials: int | None
    """How many more would do, when the evidence is not enough; None when that cannot be said."""
    exploratory: bool
    """Proposed by the toolkit after a look at the data, not claimed before."""
    source: str
    """Where the method comes from."""
    printed: str | None = None
    """The figure that the source of the claim printed."""
    notes: tuple[str, ...] = ()
    """What the reader should know besides: trials that were left out, assumptions."""

    @property
    def conclusion(self) -> str:
        """The verdict as a sentence, with the way out when the evidence is not enough."""
        if self.verdict != "not enough evidence":
            return f"{self.verdict.capitalize()}."
        if self.more_trials is None:
            return "Not enough evidence."
        return f"Not enough evidence; about {self.more_trials:,} more would do, if the effect is as large as it looks."
