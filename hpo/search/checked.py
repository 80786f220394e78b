"""Successive halving that looks whether early epochs tell anything: it prunes at a rung only where ranks have been seen to hold.

Halving believes that what leads early leads late. Where that is wrong (a strong penalty or a low rate starts slowly), it throws
the best away, and a sampler that learns from what is left is led astray. Here some trials of every cohort are witnesses: they
train to their end whatever they report. A rung prunes once the witnesses of earlier cohorts agree with it.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from optuna.pruners import BasePruner
from optuna.study import Study
from optuna.trial import FrozenTrial, TrialState

from ..attributes import cohort_of, outcome_of
from .halving import best_at

EVERY = 4
"""One out of so many trials of a cohort is a witness."""
LEAST, MOST = 6, 12
"""Witnesses that are wanted before a rung may prune; the last ones that are asked: a sampler moves on."""
AGREEMENT = 0.5
"""Kendall's tau between the values at a rung and at the end, at the least: eight unrelated pairs reach it once in 20 times."""


class CheckedHalving(BasePruner):
    """At each rung that the witnesses of earlier cohorts agree with, 1 out of `reduction_factor` of the other trials goes on.

    The first cohort has no witnesses before it, and trains whole. A rung that prunes nothing does not count: at the k-th one that
    does, the best ceil(n / reduction_factor^k) of the n trials that are no witnesses are kept.
    """

    def __init__(self, rungs: Sequence[int], reduction_factor: int) -> None:
        self._rungs = tuple(rungs)
        self._factor = reduction_factor

    def prune(self, study: Study, trial: FrozenTrial) -> bool:
        """Whether the trial is given up at the rung that it has just reached."""
        cohorts = dict(_cohorts(study.get_trials(deepcopy=False)))
        own = cohorts[cohort_of(trial) or 0]
        others = [each for place, each in enumerate(own) if place % EVERY]
        if trial.last_step not in self._rungs[:-1] or trial.number not in {each.number for each in others}:
            return False
        seen = [each for number, cohort in cohorts.items() if number < (cohort_of(trial) or 0) for each in _witnesses(cohort)]
        trusted = [rung for rung in self._rungs[:-1] if _agree(seen[-MOST:], rung, self._rungs[-1])]
        if trial.last_step not in trusted:
            return False
        kept = -(-len(others) // self._factor ** (trusted.index(trial.last_step) + 1))
        return trial.number not in {each.number for each in best_at(study, others, trial.last_step)[:kept]}


def spared(trials: Iterable[FrozenTrial]) -> set[int]:
    """Numbers of the trials that nothing could have pruned, whatever became of them."""
    return {trial.number for _, cohort in _cohorts(trials) for trial in _spared(cohort)}


def _cohorts(trials: Iterable[FrozenTrial]) -> Iterator[tuple[int, list[FrozenTrial]]]:
    """Each cohort by number with its trials by number."""
    for number, cohort in groupby(sorted(trials, key=_place), key=lambda trial: cohort_of(trial) or 0):
        yield number, list(cohort)


def _place(trial: FrozenTrial) -> tuple[int, int]:
    return cohort_of(trial) or 0, trial.number


def _witnesses(cohort: Sequence[FrozenTrial]) -> list[FrozenTrial]:
    """Trials that nothing could have pruned and that came to their end."""
    return [trial for trial in _spared(cohort) if trial.state == TrialState.COMPLETE]


def _spared(cohort: Sequence[FrozenTrial]) -> list[FrozenTrial]:
    """Every so many-th trial of a cohort; all of it where none was pruned."""
    pruned = any(outcome_of(trial) == "pruned" for trial in cohort)
    return [trial for place, trial in enumerate(cohort) if not pruned or place % EVERY == 0]


def _agree(witnesses: Sequence[FrozenTrial], rung: int, end: int) -> bool:
    """Whether what the witnesses had reached at a rung tells the order that they ended in."""
    from scipy.stats import kendalltau

    pairs = [(each.intermediate_values[rung], each.intermediate_values[end]) for each in witnesses if _has(each, rung, end)]
    if len(pairs) < LEAST:
        return False
    early, late = zip(*pairs, strict=True)
    if len(set(early)) < 2 or len(set(late)) < 2:
        return False
    return bool(kendalltau(early, late).statistic >= AGREEMENT)


def _has(trial: FrozenTrial, *steps: int) -> bool:
    return all(math.isfinite(trial.intermediate_values.get(step, math.nan)) for step in steps)
