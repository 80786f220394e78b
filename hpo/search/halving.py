"""Successive halving and Hyperband as pure functions of what the trials of a cohort have reported.

Optuna's own decide on each trial as it comes, so that the first one always goes on, and keep notes between decisions; after a
crash the same trials could be judged otherwise. Here the whole cohort has reported, and nothing is kept.
"""

import math
from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache

from optuna.pruners import BasePruner
from optuna.study import Study, StudyDirection
from optuna.trial import FrozenTrial

from ..attributes import cohort_of, stage_of


class SuccessiveHalving(BasePruner):
    """At each rung but the last, 1 out of `reduction_factor` trials of the cohort goes on.

    At rung k these are the best ceil(n / reduction_factor^(k+1)), n being all trials that the cohort began with: a diverged one
    counts as pruned, so that the budget stays what was planned. Equal values go by trial number. Rounded up, so that 20 trials
    of 10 epochs leave three to compare at the end.
    """

    def __init__(self, rungs: Sequence[int], reduction_factor: int, brackets: int = 1) -> None:
        self._rungs = tuple(rungs)
        self._factor = reduction_factor
        self._brackets = brackets

    def prune(self, study: Study, trial: FrozenTrial) -> bool:
        """Whether the trial is given up at the rung that it has just reached."""
        step = trial.last_step
        if step not in self._rungs[:-1]:
            return False
        cohort = sorted((t for t in study.get_trials(deepcopy=False) if cohort_of(t) == cohort_of(trial)), key=lambda t: t.number)
        brackets = shared_out(len(cohort), self._brackets, self._factor)
        bracket = brackets[[t.number for t in cohort].index(trial.number)]
        steps_in_bracket = self._rungs.index(step) - bracket
        if steps_in_bracket < 0:
            return False
        peers = [t for t, own in zip(cohort, brackets, strict=True) if own == bracket]
        kept = -(-len(peers) // self._factor ** (steps_in_bracket + 1))
        return trial.number not in {t.number for t in best_at(study, peers, step)[:kept]}


class AsynchronousHalving(BasePruner):
    """At each rung but the last, a trial goes on that is among the best 1 / reduction_factor of its stage that have got there.

    So decides ASHA when results come one by one (Li et al., 2020, algorithm 2), and so does Optuna's SuccessiveHalvingPruner, a
    test compares the two; that one keeps notes in the trials, which other drivers and a resumed run would not have. The first
    trials at a rung all go on as long as each is the best so far. A trial that has diverged has not got to the rung.
    """

    def __init__(self, reduction_factor: int) -> None:
        self._factor = reduction_factor

    def prune(self, study: Study, trial: FrozenTrial) -> bool:
        """Whether the trial is given up at the epoch that it has just reported, which is a rung."""
        step = trial.last_step
        if step is None:
            return False
        peers = (t for t in study.get_trials(deepcopy=False) if stage_of(t) == stage_of(trial))
        there = [_badness(study, t, step) for t in peers if _finite_at(t, step)]
        own = _badness(study, trial, step)
        return sum(badness < own for badness in there) >= max(1, len(there) // self._factor)


def hyperband(rungs: Sequence[int], reduction_factor: int) -> SuccessiveHalving:
    """Successive halving in brackets that go side by side: bracket b skips the first b rungs, the last one never prunes."""
    return SuccessiveHalving(rungs, reduction_factor, len(rungs))


@lru_cache
def shared_out(trials: int, brackets: int, reduction_factor: int) -> tuple[int, ...]:
    """The bracket of each trial of a cohort: shares as in Hyperband, spread as evenly as possible.

    Of s_max + 1 brackets, the one that begins with s rungs to go holds (s_max + 1) / (s + 1) * reduction_factor^s trials
    (Li et al., 2018, algorithm 1). Each trial goes to the bracket that lags most behind its share.
    """
    weights = [Fraction(brackets, s + 1) * reduction_factor**s for s in reversed(range(brackets))]
    held = [0] * brackets
    found = []
    for place in range(1, trials + 1):
        lag = [weight / sum(weights) * place - count for weight, count in zip(weights, held, strict=True)]
        found.append(lag.index(max(lag)))
        held[found[-1]] += 1
    return tuple(found)


def best_at(study: Study, trials: Sequence[FrozenTrial], step: int) -> list[FrozenTrial]:
    """Those that reported a finite value at a step, the best first; equal values go by trial number."""
    return sorted((t for t in trials if _finite_at(t, step)), key=lambda t: (_badness(study, t, step), t.number))


def _finite_at(trial: FrozenTrial, step: int) -> bool:
    return math.isfinite(trial.intermediate_values.get(step, math.nan))


def _badness(study: Study, trial: FrozenTrial, step: int) -> float:
    value = trial.intermediate_values[step]
    return -value if study.direction == StudyDirection.MAXIMIZE else value
