"""Which points are tried and which are given up: samplers, pruners, rungs and boxes. Pure functions of the trials so far."""

from .asking import ask
from .asynchronous import check_asynchronous, sees_trials
from .boxes import expanded, inside, narrowed, ranked
from .comparable import comparable
from .pruners import check, compares, faults_of, make_pruner, remembers
from .rungs import rung_epochs

__all__ = [
    "ask",
    "check",
    "check_asynchronous",
    "comparable",
    "compares",
    "expanded",
    "faults_of",
    "inside",
    "make_pruner",
    "narrowed",
    "ranked",
    "remembers",
    "rung_epochs",
    "sees_trials",
]
