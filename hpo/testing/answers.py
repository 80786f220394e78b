"""How often what is said of a study is true, where the truth is planted."""

from typing import NamedTuple

import numpy as np

from ..analysis.borders import borders
from ..analysis.importance import Importance, importance
from ..analysis.noise import noise
from ..analysis.posterior import posterior
from ..analysis.selection import SelectionGap, selection_gap
from ..analysis.table import Table, Unanswered
from .planted_surfaces import Planted, Situation, places, planted, query


class Answers(NamedTuple):
    """Shares of the studies, but for `surface`; NaN where no study said anything, or where nothing is false."""

    situation: Situation
    surface: float
    """Of random points of the space, whose true mean the 95 % band holds."""
    best: float
    """In which the interval of the best trial's setting holds its true mean."""
    ends: float
    """Without any effect, in which the best is said to lie at an end."""
    leads: float
    """Without any effect, in which a parameter is said to matter more than all others."""
    silent: float
    """In which nothing is said."""


def answers(kind: Situation, studies: int, seed: int = 0, *, leads: bool = True) -> Answers:
    """Make so many studies and compare. leads: importance as well, which takes the most time."""
    generator = np.random.default_rng(seed)
    found = [_study(planted(kind, generator, study), kind, generator, leads=leads) for study in range(studies)]
    with np.errstate(invalid="ignore"):
        rows = np.array(found, dtype=np.float64)
        shares = [float(np.mean(column[~np.isnan(column)])) if (~np.isnan(column)).any() else np.nan for column in rows.T]
    return Answers(kind, *shares)


def _study(made: Planted, kind: Situation, generator: np.random.Generator, *, leads: bool) -> tuple[float, ...]:
    u, codes = places(kind, generator)
    found = posterior(made.table)
    if isinstance(found, Unanswered):
        return np.nan, np.nan, np.nan, np.nan, 1.0
    low, high = np.quantile(found.sample(query(u, codes, made.table)), [0.025, 0.975], axis=0)
    truth = made.truth(u, codes)
    covered = float(((low <= truth) & (truth <= high)).mean())
    flat = kind.shape == "flat"
    ends = float(_at_an_end(made.table)) if flat else np.nan
    return covered, _best(made, kind), ends, float(_leads(made.table)) if flat and leads else np.nan, 0.0


def _best(made: Planted, kind: Situation) -> float:
    table = made.table
    gap = selection_gap(table, noise(table))
    if not isinstance(gap, SelectionGap):
        return np.nan
    row = int(np.nanargmax(table.score()))
    u = np.array([[table.columns[f"x{place}"].values[row] for place in range(kind.parameters)]])
    code = np.array([int(table.columns["choice"].values[row])]) if kind.choices else np.zeros(1, dtype=np.int64)
    truth = float(made.truth(u, code)[0])
    return float(gap.expected_low <= truth <= gap.expected_high)


def _at_an_end(table: Table) -> bool:
    found = borders(table)
    return not isinstance(found, Unanswered) and any(border.side for border in found)


def _leads(table: Table) -> bool:
    found = importance(table)
    if not isinstance(found, Importance) or found.warning or len(found.shares) < 2:
        return False
    first, *others = found.shares
    return all(other.high <= first.low for other in others)


SITUATIONS: tuple[Situation, ...] = (
    Situation("8 trials, a bowl over 1", "bowl", 8, 1),
    Situation("8 trials, a bowl over 2", "bowl", 8, 2),
    Situation("8 trials, a slope among 3", "slope", 8, 3, noise=0.5),
    Situation("12 trials, a bowl over 2, learning", "bowl", 12, 2, drawn="learning"),
    Situation("12 trials, a bowl over 3 and a choice", "bowl", 12, 3, 3, noise=0.5),
    Situation("12 trials, a cliff", "cliff", 12, 1, noise=0.2),
    Situation("20 trials, a bowl over 2", "bowl", 20, 2),
    Situation("20 trials, a bowl over 5, learning", "bowl", 20, 5, drawn="learning"),
    Situation("20 trials, a bowl over 2 and a choice, 3 networks", "bowl", 20, 2, 3, noise=0.5, networks=3),
    Situation("20 trials, a ridge, narrowing", "ridge", 20, 2, drawn="narrowing"),
    Situation("20 trials, a cliff", "cliff", 20, 2),
    Situation("50 trials, a bowl over 2 and a choice, learning", "bowl", 50, 2, 3, drawn="learning", noise=0.5),
    Situation("50 trials, a bowl over 2, narrowing", "bowl", 50, 2, drawn="narrowing"),
    Situation("50 trials, a ridge over 3 and a choice, narrowing", "ridge", 50, 3, 2, drawn="narrowing", noise=0.5),
    Situation("50 trials, a slope among 5 and a choice", "slope", 50, 5, 2, noise=0.5),
    Situation("20 trials, nothing, learning", "flat", 20, 3, 2, drawn="learning", noise=1.0),
    Situation("50 trials, nothing", "flat", 50, 3, noise=1.0),
    Situation("50 trials, nothing, learning", "flat", 50, 2, drawn="learning", noise=1.0),
    Situation("50 trials, nothing, narrowing", "flat", 50, 2, drawn="narrowing", noise=1.0),
    Situation("50 trials, a bowl over 2, pruned", "bowl", 50, 2, pruned=True),
    Situation("50 trials, a bowl over 2 and a choice, pruned", "bowl", 50, 2, 3, pruned=True),
    Situation("50 trials, a bowl over 2, learning, pruned", "bowl", 50, 2, drawn="learning", pruned=True),
    Situation("50 trials, a bowl over 2, narrowing, pruned", "bowl", 50, 2, drawn="narrowing", pruned=True),
    Situation("50 trials, nothing, pruned", "flat", 50, 2, noise=0.5, pruned=True),
    Situation("50 trials, one that speeds up alone, pruned", "flat", 50, 2, noise=0.5, pruned=True, speed=3.0),
    Situation(
        "50 trials, one that speeds up alone, narrowing, pruned",
        "flat",
        50,
        2,
        drawn="narrowing",
        noise=0.5,
        pruned=True,
        speed=3.0,
    ),
)
"""Without pruning and with it, from 8 to 50 trials, whoever draws them."""
