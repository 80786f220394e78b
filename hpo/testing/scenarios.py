"""The studies with planted truth that every kind of finding is held to: known effects, known nulls, and truths on the border."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from ..analysis.table import Floats, Table
from .planted import Make, Planted, table

Generator = np.random.Generator


def two_groups(n: int, m: int, shift: float, noise: Callable[[Generator, int], Floats], spread: float = 1.0) -> Make:
    """Two choices of one parameter; the second group lies `shift` higher and its noise is `spread` times as wide."""

    def make(generator: Generator, seed: int) -> Table:
        values = np.concatenate([noise(generator, n), shift + spread * noise(generator, m)])
        order = np.arange(n + m)
        return table({"choice": np.repeat([0.0, 1.0], [n, m]), "other": order / (n + m)}, values, seed=seed)

    return make


def normal(generator: Generator, count: int) -> Floats:
    """Standard normal noise."""
    return generator.standard_normal(count)


def skewed(generator: Generator, count: int) -> Floats:
    """Noise with a long tail of bad values, mean 0 and standard deviation 1."""
    return 1.0 - generator.standard_exponential(count)


def heavy(generator: Generator, count: int) -> Floats:
    """Normal noise with one value in ten gone far wrong."""
    return generator.standard_normal(count) - 20.0 * (generator.random(count) < 0.1)


def rates(first: float, second: float, n: int) -> Make:
    """Two groups of n trials that diverge at these rates."""

    def make(generator: Generator, seed: int) -> Table:
        gone = np.concatenate([generator.random(n) < first, generator.random(n) < second])
        columns = {"choice": np.repeat([0.0, 1.0], n), "other": np.arange(2 * n) / n}
        return table(columns, generator.standard_normal(2 * n), seed=seed, diverged=gone)

    return make


def blocks(points: int, shift: float) -> Make:
    """Both choices at each of some points whose values differ widely."""

    def make(generator: Generator, seed: int) -> Table:
        levels = 5.0 * generator.standard_normal(points)
        values = np.concatenate([levels, levels + shift]) + generator.standard_normal(2 * points)
        return table({"choice": np.repeat([0.0, 1.0], points), "other": np.tile(np.arange(points), 2)}, values, seed=seed)

    return make


def replicated(networks: int, shift: float) -> Make:
    """Two points with so many networks each."""

    def make(generator: Generator, seed: int) -> Table:
        runs = generator.standard_normal((2, networks)) + np.array([[0.0], [shift]])
        return table({"choice": np.array([0.0, 1.0])}, runs.mean(axis=1), seed=seed, replicates=runs)

    return make


def line(n: int, slope: float) -> Make:
    """A parameter, drawn at random on a logarithmic scale, that adds to the value; another that does not."""

    def make(generator: Generator, seed: int) -> Table:
        rate, other = generator.random(n), generator.random(n)
        values = slope * rate + 0.5 * generator.standard_normal(n)
        return table({"rate": 10.0 ** (3 * rate - 3), "other": other}, values, seed=seed, log=("rate",))

    return make


def peak(n: int, best: float, height: float = 4.0) -> Make:
    """A value that is best at `best`, a share of the range of a logarithmic parameter in [0.001, 1]."""

    def make(generator: Generator, seed: int) -> Table:
        rate, other = generator.random(n), generator.random(n)
        values = -height * (rate - best) ** 2 + 0.3 * generator.standard_normal(n)
        return table({"rate": 10.0 ** (3 * rate - 3), "other": other}, values, seed=seed, log=("rate",))

    return make


def ridge(n: int, shift: float) -> Make:
    """The best value of `rate` moves by `shift` decades for each decade of `batch`; a third parameter adds to the value."""

    def make(generator: Generator, seed: int) -> Table:
        rate, batch, other = generator.uniform(-3, 0, n), generator.uniform(1, 2.5, n), generator.random(n)
        values = -((rate + 1.5 - shift * (batch - 1.75)) ** 2) + other + 0.3 * generator.standard_normal(n)
        return table({"rate": 10.0**rate, "batch": 10.0**batch, "other": other}, values, seed=seed, log=("rate", "batch"))

    return make


def groups(shifts: tuple[float, ...], n: int) -> Make:
    """As many values of one parameter as shifts, n points each."""

    def make(generator: Generator, seed: int) -> Table:
        values = np.repeat(shifts, n) + generator.standard_normal(n * len(shifts))
        columns = {"choice": np.repeat(np.arange(float(len(shifts))), n), "other": np.arange(len(values)) / len(values)}
        return table(columns, values, seed=seed)

    return make


def two_by_two(n: int, gain: float, extra: float) -> Make:
    """A choice that gains so much at a low rate, and so much more at a high one; n points in each of the four cells."""

    def make(generator: Generator, seed: int) -> Table:
        choice, rate = np.repeat([0.0, 1.0, 0.0, 1.0], n), np.repeat([0.0, 0.0, 1.0, 1.0], n)
        values = gain * choice + extra * choice * rate - rate + generator.standard_normal(4 * n)
        return table({"choice": choice, "rate": rate, "other": np.arange(4 * n) / n}, values, seed=seed)

    return make


def drop(n: int, size: float) -> Make:
    """A plateau over three quarters of a parameter's range, and beyond it a value that is `size` lower."""

    def make(generator: Generator, seed: int) -> Table:
        rate = generator.random(n)
        values = np.where(rate > 0.75, -size, 0.0) + generator.standard_normal(n)
        return table({"rate": rate, "other": generator.random(n)}, values, seed=seed)

    return make


def two_parabolas(n: int, first: float, second: float) -> Make:
    """Two parameters with parabolas of these heights, and one without effect."""

    def make(generator: Generator, seed: int) -> Table:
        places = generator.random((3, n))
        values = -first * (places[0] - 0.5) ** 2 - second * (places[1] - 0.5) ** 2 + 0.2 * generator.standard_normal(n)
        return table({"first": places[0], "second": places[1], "other": places[2]}, values, seed=seed)

    return make


def break_at(n: int, place: float, steep: float) -> Make:
    """Trials diverge with odds that rise `steep`-fold (as a logarithm) with each decade of the rate, even at 10 ** place."""

    def make(generator: Generator, seed: int) -> Table:
        rate = generator.uniform(-3, 0, n)
        gone = generator.random(n) < 1 / (1 + np.exp(-steep * (rate - place)))
        return table(
            {"rate": 10.0**rate, "other": generator.random(n)},
            generator.standard_normal(n),
            seed=seed,
            log=("rate",),
            diverged=gone,
        )

    return make


def steps(n: int, below: float, above: float) -> Make:
    """Trials that diverge at one rate below a quantity of 1 and at another above it; two thirds lie below."""

    def make(generator: Generator, seed: int) -> Table:
        quantity = generator.uniform(0, 1.5, n)
        gone = generator.random(n) < np.where(quantity < 1, below, above)
        return table({"quantity": quantity, "other": generator.random(n)}, generator.standard_normal(n), seed=seed, diverged=gone)

    return make


def narrowing(best: float) -> Make:
    """50 trials in three stages, each in the box of the three best so far; `rate` is best at a share of its range, `idle` idle.

    Both are narrowed, and a stage's trials are better than those of the stage before, so the idle one seems to matter.
    """

    def make(generator: Generator, seed: int) -> Table:
        ends, found, values = [(0.0, 1.0), (0.0, 1.0)], np.empty((2, 0)), np.empty(0)
        for count in NARROWED:
            box = np.array([generator.uniform(low, high, count) for low, high in ends])
            found = np.concatenate([found, box], axis=1)
            values = np.append(values, -8.0 * (box[0] - best) ** 2 + 0.2 * generator.standard_normal(count))
            kept = found[:, np.argsort(-values)[:3]]
            margins = 0.1 * np.ptp(kept, axis=1)
            ends = list(zip(kept.min(axis=1) - margins, kept.max(axis=1) + margins, strict=True))
        stages = np.repeat(["wide", "narrow", "narrowest"], NARROWED)
        return replace(table({"rate": found[0], "idle": found[1]}, values, seed=seed), stages=stages)

    return make


NARROWED = (20, 15, 15)
UP = {"group": {"choice": 1}, "against": {"choice": 0}, "direction": "higher"}
TYPICAL = {**UP, "average": "hodges-lehmann"}
RISING = {"parameter": "rate", "direction": "rising"}
CELLS = {"group": {"choice": 1}, "against": {"choice": 0}, "when": {"rate": 1}, "than": {"rate": 0}}
CLIFF = {"parameter": "rate", "near": [0.0, 0.75], "beyond": {"above": 0.75}, "drop": 1.0}
SHIFT = {"parameter": "rate", "by": "batch", "direction": "rising"}
EDGE = {"parameter": "rate", "low": 0.01, "high": 0.1}
LIMIT = {"quantity": "quantity", "below": 1.0, "above": 1.0, "rare": 0.1, "common": 0.5}
REGION = {"parameter": "rate", "low": 0.03, "high": 0.3, "top": 10}
ORDER = {"order": ["first", "second"]}
TURNED = {"order": ["second", "first"]}
IDLE = {"parameter": "idle"}
IDLE_REGION = {**IDLE, "low": 0.35, "high": 0.65, "top": 10}
IDLE_HALVES = {"group": {"idle": [0.5, 1.0]}, "against": {"idle": [0.0, 0.5]}, "direction": "higher"}
PAIR = {"groups": [{"choice": 0}, {"choice": 1}], "margin": 1.0}
TRIPLE = {"groups": [{"choice": 0}, {"choice": 1}, {"choice": 2}], "margin": 1.0}

SCENARIOS: tuple[Planted, ...] = (
    Planted("difference", "no difference, 5 against 5", "border", UP, two_groups(5, 5, 0.0, normal), 0.0),
    Planted("difference", "no difference, 8 against 20, spread 1 and 2", "border", UP, two_groups(8, 20, 0.0, normal, 2.0), 0.0),
    Planted("difference", "no difference, 20 against 20, skewed", "border", UP, two_groups(20, 20, 0.0, skewed), 0.0),
    Planted("difference", "1.5 deviations, 10 against 10", "true", UP, two_groups(10, 10, 1.5, normal), 1.5),
    Planted("difference", "at its claimed least", "border", {**UP, "at_least": 1.0}, two_groups(12, 12, 1.0, normal), 1.0),
    Planted("difference", "the other way round", "false", UP, two_groups(10, 10, -1.5, normal), -1.5),
    Planted("difference", "paired, no difference, 8 pairs", "border", {**UP, "paired": True}, blocks(8, 0.0), 0.0),
    Planted("difference", "paired, 1.5 deviations, 20 pairs", "true", {**UP, "paired": True}, blocks(20, 1.5), 1.5),
    Planted("difference", "5 networks each, 3 deviations", "true", UP, replicated(5, 3.0), 3.0),
    Planted("difference", "typical, none, a tenth gone wrong", "border", TYPICAL, two_groups(15, 15, 0.0, heavy), 0.0),
    Planted("difference", "typical, 2, a tenth gone wrong", "true", TYPICAL, two_groups(15, 15, 2.0, heavy), 2.0),
    Planted("difference", "share of diverged, none", "border", {**UP, "metric": "diverged"}, rates(0.3, 0.3, 15), 0.0),
    Planted("difference", "share of diverged, 0.1 and 0.6", "true", {**UP, "metric": "diverged"}, rates(0.1, 0.6, 20), 0.5),
    Planted("difference", "none, three narrowing stages", "border", IDLE_HALVES, narrowing(0.55)),
    Planted("trend", "none, 10 trials", "border", RISING, line(10, 0.0), 0.5),
    Planted("trend", "none, 40 trials", "border", RISING, line(40, 0.0), 0.5),
    Planted("trend", "none, but a peak in the middle", "border", RISING, peak(40, 0.5, 8.0), 0.5),
    Planted("trend", "none, three narrowing stages", "border", {**IDLE, "direction": "rising"}, narrowing(0.55)),
    Planted("trend", "slope of twice the noise, 30 trials", "true", RISING, line(30, 1.0), 0.674),
    Planted("trend", "falling", "false", RISING, line(30, -1.0), 0.326),
    Planted("best-region", "no effect", "false", REGION, peak(60, 0.5, 0.0), 1 / 3),
    Planted("best-region", "best elsewhere", "false", REGION, peak(60, 0.2)),
    Planted("best-region", "best just outside", "false", REGION, peak(60, 0.45)),
    Planted("best-region", "best at its end, so that half lie in it", "border", REGION, peak(60, 0.4923, 8.0), 0.5),
    Planted("best-region", "no effect, three narrowing stages", "border", IDLE_REGION, narrowing(0.55)),
    Planted("best-region", "best inside", "true", REGION, peak(60, 0.67, 8.0)),
    Planted("best-region", "best inside, sharp, 120 trials", "true", REGION, peak(120, 0.67, 20.0)),
    Planted("best-shifts", "no shift, 30 trials", "border", SHIFT, ridge(30, 0.0), 0.0),
    Planted("best-shifts", "half a decade for each, 30 trials", "true", SHIFT, ridge(30, 0.5), 0.5),
    Planted("best-shifts", "the other way round", "false", SHIFT, ridge(30, -0.5), -0.5),
    Planted("equivalence", "equal", "true", PAIR, groups((0.0, 0.0), 30)),
    Planted("equivalence", "at the margin", "border", PAIR, groups((0.0, 1.0), 20), 1.0),
    Planted("equivalence", "twice the margin", "false", PAIR, groups((0.0, 2.0), 20), 2.0),
    Planted("equivalence", "three groups, one at the margin", "border", TRIPLE, groups((0.0, 0.5, 1.0), 20), 1.0),
    Planted("cliff", "half as deep", "false", CLIFF, drop(60, 0.5), 0.5),
    Planted("cliff", "as deep as claimed", "border", CLIFF, drop(60, 1.0), 1.0),
    Planted("cliff", "twice as deep", "true", CLIFF, drop(60, 2.0), 2.0),
    Planted("importance-order", "equal", "border", ORDER, two_parabolas(60, 4.0, 4.0), 0.0),
    Planted("importance-order", "twice as high", "true", ORDER, two_parabolas(80, 4.0, 2.0), 0.447),
    Planted("importance-order", "the other way round", "false", TURNED, two_parabolas(80, 4.0, 2.0), -0.447),
    Planted("divergence-boundary", "at the end of its claimed range", "border", EDGE, break_at(60, -1.0, 4.0), 0.1),
    Planted("divergence-boundary", "in the middle of it", "true", EDGE, break_at(80, -1.5, 6.0), 10**-1.5),
    Planted("divergence-boundary", "beyond it", "false", EDGE, break_at(60, -0.5, 6.0), 10**-0.5),
    Planted("interaction", "none", "border", CELLS, two_by_two(10, 1.0, 0.0), 0.0),
    Planted("interaction", "twice the noise", "true", CELLS, two_by_two(12, 1.0, 2.0), 2.0),
    Planted("interaction", "the other way round", "false", CELLS, two_by_two(12, 1.0, -2.0), -2.0),
    Planted("threshold", "holds", "true", LIMIT, steps(90, 0.01, 0.8), 0.79),
    Planted("threshold", "rare as often as claimed", "border", LIMIT, steps(90, 0.1, 0.8), 0.7),
    Planted("threshold", "common as often as claimed", "border", LIMIT, steps(90, 0.01, 0.5), 0.49),
    Planted("threshold", "no effect", "false", LIMIT, steps(90, 0.3, 0.3), 0.0),
)  # fmt: skip
"""Every kind under a truth that it should find, one that contradicts it, and one on the border."""
