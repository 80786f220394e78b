"""One search of one contender, as the comparison sees it: which trials ended, what each cost, and what had been spent by then."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple


class Ended(NamedTuple):
    """A trial that has ended."""

    spent: int
    """Lane-steps that the whole search had spent when its value was known."""
    steps: int
    """Lane-steps of its own."""
    value: float | None
    """Of a trial that trained to its end."""
    diverged: bool
    point: Mapping[str, Any]


@dataclass(frozen=True)
class Search:
    """The trials of one search, in the order in which they ended."""

    trials: tuple[Ended, ...]
    maximise: bool
    seconds: float
    box: Mapping[str, tuple[float, float]] | None = None
    """Of the last stage, where that was narrowed."""
    truth: float = math.nan
    """What the best point is worth on fresh seeds, or without noise."""

    @classmethod
    def read(cls, tree: Mapping[str, Any]) -> "Search":
        """From what `tree` gives."""
        return cls(**{**tree, "trials": tuple(Ended(*trial) for trial in tree["trials"])})

    def tree(self) -> dict[str, Any]:
        """As JSON."""
        return {"trials": self.trials, "maximise": self.maximise, "seconds": self.seconds, "box": self.box, "truth": self.truth}

    def within(self, budget: int) -> list[Ended]:
        """Trials whose value was known before so many lane-steps were spent."""
        return [trial for trial in self.trials if trial.spent <= budget]

    def best(self, budget: int) -> Ended | None:
        """The best complete trial within a budget."""
        complete = [trial for trial in self.within(budget) if trial.value is not None]
        return max(complete, key=lambda trial: self.score(trial.value), default=None)

    def score(self, value: float | None) -> float:
        """A value, turned so that higher is better; minus infinity for none."""
        return float("-inf") if value is None else value if self.maximise else -value

    def reached(self, value: float) -> int | None:
        """Lane-steps until a complete trial was as good as a value; None when none was."""
        return next((trial.spent for trial in self.trials if self.score(trial.value) >= self.score(value)), None)

    @property
    def wasted(self) -> float:
        """Share of all lane-steps that went into trials that diverged."""
        return sum(trial.steps for trial in self.trials if trial.diverged) / sum(trial.steps for trial in self.trials)

    @property
    def diverged(self) -> float:
        """Share of the trials that diverged."""
        return sum(trial.diverged for trial in self.trials) / len(self.trials)

    def carried(self, epoch: int, rungs: Sequence[int]) -> float:
        """The share that was computed, where a network that diverges stays in its group to the next rung.

        epoch: steps of one. rungs: epochs at which those that diverged leave.
        """
        ends = [rung * epoch for rung in rungs]
        lost = [next(end for end in ends if end >= trial.steps) for trial in self.trials if trial.diverged]
        return sum(lost) / (sum(lost) + sum(trial.steps for trial in self.trials if not trial.diverged))
