"""What a run has done so far: its events are counted on their way to the display."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from optuna.trial import FrozenTrial

from ..attributes import Purpose, outcome_of, value_of
from .events import Display, Event, JobProgress, Noted, TrialTold
from .verdict import Verdict


def left_alone(count: int) -> str:
    """What to say of trials that are not hpo's."""
    what, they, do = ("trial", "it", "does") if count == 1 else ("trials", "they", "do")
    return (
        f"{count} {what} of the Optuna study {'is' if count == 1 else 'are'} not hpo's, put there by another program: {they}"
        f" {'is' if count == 1 else 'are'} left alone and {do} not count"
    )


@dataclass
class Tally:
    """The display's middleman."""

    display: Display
    maximise: bool
    outcomes: Counter[str] = field(default_factory=Counter)
    """Of the trials of the search."""
    evidence: int = 0
    """Trials told that were asked after it."""
    lane_steps: int = 0
    best: float | None = None
    noted: set[str] = field(default_factory=set)
    others: int = 0
    """Trials that are not hpo's, as they were last told of."""

    def show(self, event: Event) -> None:
        """Count an event and hand it on."""
        if isinstance(event, JobProgress):
            self.lane_steps += event.progress.lane_steps
        if isinstance(event, TrialTold) and event.evidence is not None:
            self.evidence += 1
        elif isinstance(event, TrialTold):
            self.outcomes[event.outcome] += 1
        if isinstance(event, Noted):
            if event.note in self.noted:
                return
            self.noted.add(event.note)
        self.display(event)

    def show_told(self, stage: str, verdicts: Iterable[Verdict], evidence: Purpose | None = None) -> None:
        """Show the trials that have ended at a rung."""
        for each in verdicts:
            if each.outcome is not None:
                best = evidence is None and each.outcome == "completed" and self.is_best(each.value)
                params, epochs = each.member.params, each.epochs
                self.show(TrialTold(each.member.number, stage, each.outcome, each.value, params, epochs, best, evidence))

    def show_others(self, count: int) -> None:
        """Show, once, that there are trials that are not hpo's."""
        if count and not self.others:
            self.show(Noted(left_alone(count)))
        self.others = self.others or count

    def show_repeats(self, stage: str, trials: Iterable[FrozenTrial]) -> None:
        """Show trials that have the results of others."""
        for trial in trials:
            outcome = outcome_of(trial)
            assert outcome is not None
            self.show(TrialTold(trial.number, stage, outcome, value_of(trial), trial.params, 0, best=False))

    def is_best(self, value: float | None) -> bool:
        """Whether a complete trial's value is better than all before it; it counts from now on."""
        if value is None or (self.best is not None and not (value > self.best if self.maximise else value < self.best)):
            return False
        self.best = value
        return True
