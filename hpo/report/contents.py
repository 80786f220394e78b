"""All that a report says, in its order, before it is put into a page."""

from typing import NamedTuple

from ..findings import Finding
from .answer import Answer
from .best import Best, best
from .environment import environment
from .explanation import Explanation
from .grids import Grid, all_trials, best_trials, candidates, stages
from .guessed import sentences
from .protocol import Fact, protocol, question, test


class Contents(NamedTuple):
    """A report without its pictures."""

    name: str
    question: str
    answer: Answer
    guess: list[str]
    """What the trials are worth against a guess, where a reader has to know."""
    best: Best | None
    confirmation: Grid | None
    """The candidates of the last race on fresh seeds."""
    test: list[Fact]
    claims: tuple[Finding, ...]
    proposals: tuple[Finding, ...]
    protocol: list[Fact]
    stages: Grid | None
    best_trials: Grid
    all_trials: Grid | None
    environment: list[Fact]


def contents(explanation: Explanation, storage: str | None = None) -> Contents:
    """Everything but the pictures; `storage` is for the commands, where it is not the default one."""
    return Contents(
        name=explanation.table.name,
        question=question(explanation),
        answer=explanation.answer,
        guess=list(sentences(explanation.baseline)),
        best=best(explanation, storage),
        confirmation=None if explanation.raced is None else candidates(explanation.table, explanation.raced),
        test=test(explanation),
        claims=explanation.claims,
        proposals=explanation.proposals,
        protocol=protocol(explanation),
        stages=stages(explanation),
        best_trials=best_trials(explanation),
        all_trials=all_trials(explanation),
        environment=environment(explanation),
    )
