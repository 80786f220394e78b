"""How often what is said of a study is true, where the truth is planted."""

from typing import NamedTuple

import numpy as np

from ..analysis.borders import borders
from ..analysis.noise import noise
from ..analysis.posterior import posterior
from ..analysis.recommendation import Recommendation, recommendation
from ..analysis.safe_ranges import SafeRange, safe_ranges
from ..analysis.selection import SelectionGap, selection_gap
from ..analysis.settings import Settings, along
from ..analysis.shares import Portion, Shares, by_name, shares
from ..analysis.table import Floats, Integers, Table, Unanswered
from .evidence import after_search, setting
from .planted_surfaces import RUNGS, Planted, Situation, places, planted, query

HALF = 0.005
"""Shares are told in whole per cents."""
SURE = 0.95
"""Share of the possible functions in which a parameter that is said to lead makes the most."""


class Answers(NamedTuple):
    """Shares of the studies, but for `surface` and what is lost; NaN where no study said anything, or where nothing is false.

    What is said of the recommendation, its value, the ranges and the shares, is said after evidence of a quarter of the search.
    """

    situation: Situation
    surface: float
    """Of random points of the space, whose true mean the 95 % band holds."""
    best: float
    """In which the interval of the best trial's setting holds its true mean."""
    luckiest: float
    """What the best-looking trial's setting loses to the true best of the space, on average."""
    searched: float
    """The same of the setting that is recommended after the search."""
    recommended: float
    """The same after the evidence."""
    value: float
    """In which the interval of the recommended setting's value holds its true mean."""
    safe: float
    """Of the ranges, in which no value truly costs more than the tolerance."""
    shares: float
    """Of the shares of parameters, whose interval holds the true one."""
    ends: float
    """Without any effect, in which the best is said to lie at an end."""
    leads: float
    """Without any effect, in which a parameter is said to matter more than all others."""
    silent: float
    """In which nothing is said."""


def answers(kind: Situation, studies: int, seed: int = 0) -> Answers:
    """Make so many studies and compare."""
    generator = np.random.default_rng(seed)
    found = [_study(planted(kind, generator, study), kind, generator) for study in range(studies)]
    rows = np.array(found, dtype=np.float64)
    shares = [float(np.mean(column[~np.isnan(column)])) if (~np.isnan(column)).any() else np.nan for column in rows.T]
    return Answers(kind, *shares)


def _study(made: Planted, kind: Situation, generator: np.random.Generator) -> tuple[float, ...]:
    u, codes = places(kind, generator)
    found = posterior(made.table)
    if isinstance(found, Unanswered):
        return (*[np.nan] * 10, 1.0)
    low, high = np.quantile(found.sample(query(u, codes, made.table)), [0.025, 0.975], axis=0)
    truth = made.truth(u, codes)
    covered = float(((low <= truth) & (truth <= high)).mean())
    flat = kind.shape == "flat"
    told = float(_at_an_end(made.table)), float(_leads(made.table))
    return (covered, _best(made, kind), *_recommended(made, kind, generator), *(told if flat else (np.nan, np.nan)), 0.0)


def _recommended(made: Planted, kind: Situation, generator: np.random.Generator) -> tuple[float, ...]:
    """What is lost by the luckiest, before and after evidence; whether value, ranges and shares are true."""
    networks = _network_count(made, kind)
    noisy = lambda settings: _truth(made, settings) + kind.noise * generator.standard_normal(networks_of(settings))  # noqa: E731
    after = after_search(made.table, noisy, networks)
    found, ranges = recommendation(after), safe_ranges(after)
    assert isinstance(found, Recommendation)
    assert not isinstance(ranges, Unanswered)
    u, codes = places(kind, generator, 5000)
    lucky = {name: column.values[[found.row]] for name, column in made.table.columns.items()}
    options = [lucky, setting(made.table) or lucky, setting(after) or lucky]
    worth = [float(_truth(made, one)[0]) for one in options]
    top = max(float(made.truth(u, codes).max()), *worth)
    value = float(found.low <= worth[2] <= found.high)
    safe = [_is_safe(made, found, one) for one in ranges.values()]
    return (*(top - each for each in worth), value, float(np.mean(safe)), _shares(made, kind, after, (u, codes)))


def _network_count(made: Planted, kind: Situation) -> int:
    """A quarter of the training of the search, but four at the least."""
    epochs = sum(float(curves[0].at[-1]) for row in range(len(made.table)) if (curves := made.table.curves(row)))
    return max(4, round(0.25 * kind.networks * epochs / RUNGS[-1]))


def networks_of(settings: Settings) -> int:
    """How many settings there are."""
    return len(next(iter(settings.values())))


def _truth(made: Planted, settings: Settings) -> Floats:
    u = np.column_stack([values for name, values in settings.items() if name != "choice"])
    return made.truth(u, settings.get("choice", np.zeros(len(u))).astype(np.int64))


def _is_safe(made: Planted, found: Recommendation, one: SafeRange) -> float:
    inside = np.array(one.choices, dtype=np.float64) if one.choices else np.linspace(one.low, one.high, 50)
    at = _truth(made, along(found.settings, one.parameter, np.append(inside, found.settings[one.parameter])))
    return float(at[-1] - at[:-1].min() <= found.tolerance)


def _shares(made: Planted, kind: Situation, table: Table, everywhere: tuple[Floats, Integers]) -> float:
    """Of the shares of parameters whose interval holds the true one; of no effect, or of a single parameter, there are none."""
    found = shares(table)
    if isinstance(found, Unanswered) or kind.shape == "flat" or len(found.mains) == 1:
        return np.nan
    whole = float(made.truth(*everywhere).var())
    said = by_name(found)
    return float(np.mean([_holds(one, _share(made, everywhere, name) / whole) for name, one in said.items()]))


def _holds(one: Portion, share: float) -> bool:
    """By the whole per cents that are told."""
    return one.low - HALF <= share <= one.high + HALF


def _share(made: Planted, everywhere: tuple[Floats, Integers], name: str) -> float:
    """Variance of the true mean along one parameter."""
    u, codes = everywhere[0][:500], everywhere[1][:500]
    if name == "choice":
        return float(np.var([made.truth(u, np.full(len(u), code)).mean() for code in range(int(everywhere[1].max()) + 1)]))
    place, means = int(name.removeprefix("x")), []
    for value in (np.arange(24) + 0.5) / 24:
        moved = u.copy()
        moved[:, place] = value
        means.append(made.truth(moved, codes).mean())
    return float(np.var(means))


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
    found = shares(table)
    return isinstance(found, Shares) and len(found.mains) > 1 and found.first >= SURE


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
