"""The values that a model of a study is made from: how good each trial was, and how far it had come by then."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from .metrics import replicates
from .sampling import some
from .table import Curve, Floats, Integers, Table, Truths

MOST_TRIALS = 120
"""A Gaussian process costs the cube of the number of values."""
MOST_EARLY = 3
"""Places before the end at which values are looked at."""
FEWEST = 3
"""Completed trials off whose curves it can be read what becomes of an early value."""
FEWEST_FOR_DECILES = 20
BEYOND = 1000.0
"""Spreads of the others beyond which a value is no value: 1e30 among ones. A network at chance among good ones lies a few hundred
out at the most, and counts."""


class Observations(NamedTuple):
    """Values of the objective at up to three levels of training. Arrays run over values, but for `rows`."""

    rows: Integers
    """(trials,) of the table, that are used."""
    places: Integers
    """Rows of the table where values lie: `rows`, and behind them those of trials that are used by their fresh networks alone."""
    trial: Integers
    """Place in `places`."""
    look: Integers
    """Number of the confirmation that the value is of; -1 for a value of the trial itself."""
    level: Integers
    """From 0, the earliest, to `levels` - 1, the end."""
    values: Floats
    """In the objective's own units; the mean of the networks of a trial."""
    networks: Integers
    """How many that is the mean of."""
    levels: int
    squares: float
    """Sum of squares between the networks of single trials, at the end."""
    free: int
    """Its degrees of freedom; 0 where each trial has one network."""
    drawn_in: int
    """Values that lay so far out that they were drawn in to fences of their level, or left out."""

    @property
    def final(self) -> Truths:
        """Whether each value is one at the end."""
        return np.asarray(self.level == self.levels - 1)

    @property
    def own(self) -> Truths:
        """Whether each value is one of the trial itself, and not of a confirmation."""
        return np.asarray(self.look < 0)


def observations(table: Table, objective: int = 0) -> Observations:
    """Final values of the completed trials, and early ones of these and of the pruned, at the places where trials were pruned.

    A stage with a smaller budget than another ends early, too.
    """
    rows = _chosen(table)
    used = table.take(rows)
    curves = _curves(used, objective)
    final = _final(used, curves)
    places = _places(np.array([max(curves[row]) for row in np.flatnonzero(~final) if curves[row]]))
    if len(places) and sum(bool(curves[row]) for row in np.flatnonzero(final)) < FEWEST:
        places = np.empty(0)
    runs = replicates(used, used.metrics[objective])
    found = [*_early(used, curves, places), *_late(used, runs, final, len(places), objective)]
    trial, level, values, networks = (np.array(part) for part in zip(*found, strict=True)) if found else [np.empty(0)] * 4
    near = _near(values.astype(np.float64), level.astype(np.int64))
    wild, left = np.unique(trial[~near & (level == len(places))]).astype(np.int64), int((~near).sum())
    trial, level, values, networks = (part[near] for part in (trial, level, values, networks))
    kept, trial = np.unique(trial.astype(np.int64), return_inverse=True)
    calm = values.astype(np.float64)
    for one in np.unique(level):
        calm[level == one] = np.clip(calm[level == one], *fences(calm[level == one]))
    return Observations(
        rows=rows[kept],
        places=rows[kept],
        look=np.full(len(values), -1),
        trial=trial.reshape(-1).astype(np.int64),
        level=level.astype(np.int64),
        values=calm,
        networks=networks.astype(np.int64),
        levels=len(places) + 1,
        drawn_in=left + int((calm != values).sum()),
        **_between(runs[final & ~np.isin(np.arange(len(used)), wild)]),
    )


def _early(used: Table, curves: list[dict[float, float]], places: Floats) -> Iterator[tuple[int, int, float, int]]:
    """Trial, level, value and networks of what was seen before the end."""
    for row, curve in enumerate(curves):
        for level, place in enumerate(places):
            before = [at for at in curve if at <= place]
            if before and place <= max(curve):
                yield row, level, curve[max(before)], len(used.curves(row))


def _late(used: Table, runs: Floats, final: Truths, level: int, objective: int) -> Iterator[tuple[int, int, float, int]]:
    """The same of final values."""
    networks = np.maximum(np.isfinite(runs).sum(axis=1), 1)
    for row in np.flatnonzero(final):
        yield int(row), level, float(used.values[row, objective]), int(networks[row])


def _near(values: Floats, level: Integers) -> Truths:
    """Which values lie less than BEYOND spreads from the others of their level. A tenth of each side has no say in the spread."""
    near = np.ones(len(values), dtype=np.bool_)
    for one in np.unique(level):
        own = values[level == one]
        share = 0.1 if len(own) >= FEWEST_FOR_DECILES else 0.25
        low, high = np.quantile(own, share, method="higher"), np.quantile(own, 1 - share, method="lower")
        if high > low:
            near[level == one] = np.abs(own - np.median(own)) <= BEYOND * (high - low)
    return near


def fences(values: Floats) -> tuple[float, float]:
    """Three quartile ranges beyond the quartiles (Tukey, 1977), or as far by the deciles of 20 and more.

    Infinite where half of the values are the same.

    What lies far out would else decide the fit everywhere. A fifth of bad trials is no outlier: where a search has closed in on
    the good ones, quartiles know nothing of the rest.
    """
    share, reach = (0.1, 1.5) if len(values) >= FEWEST_FOR_DECILES else (0.25, 3.0)
    low, high = map(float, np.quantile(values, [share, 1 - share]))
    return (-np.inf, np.inf) if low == high else (low - reach * (high - low), high + reach * (high - low))


def _between(runs: Floats) -> dict[str, Any]:
    several = runs[np.isfinite(runs).sum(axis=1) > 1]
    if not len(several):
        return {"squares": 0.0, "free": 0}
    squares = np.nansum((several - np.nanmean(several, axis=1, keepdims=True)) ** 2)
    return {"squares": float(squares), "free": int(np.isfinite(several).sum()) - len(several)}


def _chosen(table: Table) -> Integers:
    """Completed and pruned trials: at most so many, drawn at random; a third of them completed, where there are as many."""
    completed, pruned = np.flatnonzero(table.completed), np.flatnonzero(table.outcomes == "pruned")
    whole = len(completed) + len(pruned)
    share = len(completed) / max(whole, 1)
    most = max(MOST_TRIALS // 3, round(share * MOST_TRIALS)) if whole > MOST_TRIALS else whole
    kept = some(completed, most, table.seed, "model completed")
    return np.sort(np.concatenate([kept, some(pruned, max(MOST_TRIALS - len(kept), 0), table.seed, "model pruned")]))


def _curves(used: Table, objective: int) -> list[dict[float, float]]:
    """By trial its values by epoch (or step), the mean of its networks; empty where they are not what the trial is judged by.

    They are read only where some trial has no final value, or ended with a stage of its own.
    """
    if used.completed.all() and len(np.unique(used.stages)) < 2:
        return [{} for _ in range(len(used))]
    found = [_mean(used.curves(row), used.metrics[objective]) for row in range(len(used))]
    return [
        curve if not done or _holds(curve, float(value)) else {}
        for curve, done, value in zip(found, used.completed, used.values[:, objective], strict=True)
    ]


def _holds(curve: dict[float, float], value: float) -> bool:
    return bool(np.isclose(list(curve.values()), value, rtol=1e-6, atol=1e-9).any())


def _mean(curves: tuple[Curve, ...], metric: str) -> dict[float, float]:
    """By epoch (or step) the mean of the networks, as far as all of them came; only finite ones."""
    known = [dict(zip(c.at.tolist(), c.metrics[metric].tolist(), strict=True)) for c in curves if metric in c.metrics]
    shared = set.intersection(*map(set, known)) if known else set()
    means = {place: float(np.mean([one[place] for one in known])) for place in sorted(shared)}
    return {place: value for place, value in means.items() if np.isfinite(value)}


def _final(used: Table, curves: list[dict[float, float]]) -> Truths:
    """Completed trials of the stages that trained the longest."""
    ends = np.array([max(curve, default=np.nan) for curve in curves])
    lengths = {
        stage: np.nanmax(ends[there])
        for stage in np.unique(used.stages)
        if np.isfinite(ends[there := used.completed & (used.stages == stage)]).any()
    }
    longest = max(lengths.values(), default=np.nan)
    short = np.isin(used.stages, [stage for stage, length in lengths.items() if length < longest])
    return np.asarray(used.completed & ~short)


def _places(ends: Floats) -> Floats:
    """Where those that ended early did, all or some: whoever was let go on must be seen where that was decided."""
    places = np.unique(ends)
    return places if len(places) <= MOST_EARLY else np.unique(np.quantile(ends, np.linspace(0, 1, MOST_EARLY), method="lower"))
