"""Studies over a space in which the mean at every setting is known: what is read off a study's model can be held against it."""

from collections.abc import Callable
from dataclasses import replace
from typing import Literal, NamedTuple

import numpy as np

from ..analysis.fresh import Fresh
from ..analysis.table import Column, Curve, Floats, Integers, Table

METRIC = "validation_accuracy"
RUNGS = (1.0, 3.0, 9.0)
"""Epochs at which trials report; a third of them goes on from one to the next where a study prunes."""

Generator = np.random.Generator
Truth = Callable[[Floats, Integers], Floats]
"""The mean of new seeds, from (settings, parameters) shares of their ranges and (settings,) codes of the choice."""


class Situation(NamedTuple):
    """A kind of study."""

    name: str
    shape: Literal["flat", "slope", "bowl", "ridge", "cliff"]
    trials: int
    parameters: int
    choices: int = 0
    """Of one more parameter, each worth something of its own; 0: there is none."""
    drawn: Literal["random", "learning", "narrowing"] = "random"
    """learning: near the best so far, as TPE does. narrowing: in three stages, each in the box of the best three so far."""
    noise: float = 0.3
    """Of a seed. The shapes have a range of 3 to 6."""
    networks: int = 1
    pruned: bool = False
    speed: float = 0.0
    """How much the first parameter adds to early values, and not to the last one."""


class Planted(NamedTuple):
    """A study and what is true of it."""

    table: Table
    truth: Truth


def planted(kind: Situation, generator: Generator, seed: int) -> Planted:
    """A study of this kind. What early values have to do with the last ones is another in each: their spread, what luck stays."""
    truth, trained = _truth(kind, generator), _training(kind, generator)
    u, codes = np.empty((0, kind.parameters)), np.empty(0, dtype=np.int64)
    runs, ends = np.empty((0, len(RUNGS), kind.networks)), np.empty(0, dtype=np.int64)
    stages: list[str] = []
    for place, size in enumerate(_batches(kind)):
        score = np.where(ends == len(RUNGS), runs[:, -1].mean(axis=1), -np.inf)
        points, chosen = _drawn(kind, generator, size, u, codes, score)
        found = trained(truth(points, chosen), points)
        u, codes, runs = np.concatenate([u, points]), np.append(codes, chosen), np.concatenate([runs, found])
        ends = np.append(ends, _ends(found.mean(axis=2)) if kind.pruned else np.full(size, len(RUNGS)))
        stages += [f"stage {place}" if kind.drawn == "narrowing" else ""] * size
    return Planted(_table(kind, u, codes, runs, ends, np.array(stages), seed), truth)


def confirmed(
    kind: Situation, made: Planted, generator: Generator, *, top: int = 5, seeds: int = 8, shift: float = 0.0
) -> Planted:
    """The study after a confirmation of its best; `shift`: what its split adds to every value, in units of the noise."""
    table = made.table
    best = np.argsort(-np.nan_to_num(table.score(), nan=-np.inf), kind="stable")[:top]
    u = np.column_stack([column.values[best] for name, column in table.columns.items() if name != "choice"])
    codes = table.columns["choice"].values[best].astype(np.int64) if kind.choices else np.zeros(len(best), dtype=np.int64)
    values = made.truth(u, codes)[:, None] + kind.noise * (shift + generator.standard_normal((len(best), seeds)))
    fresh = (Fresh(int(table.numbers[row]), 0, tuple(map(float, own))) for row, own in zip(best, values, strict=True))
    return made._replace(table=replace(table, fresh=(*table.fresh, *fresh)))


def _truth(kind: Situation, generator: Generator) -> Truth:
    weights, best = generator.dirichlet(np.ones(kind.parameters)), generator.random(kind.parameters)
    worth = generator.standard_normal(kind.choices) if kind.choices and kind.shape != "flat" else np.zeros(max(kind.choices, 1))
    shapes: dict[str, Callable[[Floats], Floats]] = {
        "flat": lambda u: np.zeros(len(u)),
        "slope": lambda u: 3 * u[:, 0],
        "bowl": lambda u: -6 * (weights * (u - best) ** 2).sum(axis=1),
        "ridge": lambda u: -6 * (u[:, 0] - 0.3 - 0.4 * u[:, -1]) ** 2,
        "cliff": lambda u: -3 / (1 + np.exp(-12 * (u[:, 0] - 0.4 - 0.4 * best[0]))),
    }
    return lambda u, codes: shapes[kind.shape](u) + worth[codes]


def _training(kind: Situation, generator: Generator) -> Callable[[Floats, Floats], Floats]:
    """From the mean at settings and these to values by rung: (settings, rungs, networks)."""
    first = generator.uniform(0.4, 1.5)
    spread = np.array([first, generator.uniform(min(first, 1.0), max(first, 1.0)), 1.0])
    stays = generator.uniform(0.0, 0.9, 2)

    def train(means: Floats, points: Floats) -> Floats:
        luck = generator.standard_normal((3, len(means), kind.networks))
        luck[1] = stays[1] * luck[2] + np.sqrt(1 - stays[1] ** 2) * luck[1]
        luck[0] = stays[0] * luck[1] + np.sqrt(1 - stays[0] ** 2) * luck[0]
        ahead = kind.speed * points[:, 0] * np.array([[1.0], [0.5], [0.0]])
        values = spread[:, None, None] * (means[:, None] + kind.noise * luck) + ahead[:, :, None]
        return np.asarray(np.moveaxis(values, 0, 1) - np.array([1.0, 0.5, 0.0])[:, None])

    return train


def _batches(kind: Situation) -> list[int]:
    """Trials that are drawn at once."""
    if kind.drawn == "narrowing":
        last = 3 * kind.trials // 10
        return [kind.trials - 2 * last, last, last]
    if kind.drawn == "random":
        return [kind.trials]
    begin, size = kind.trials // 3, 6 if kind.pruned else 1
    return [begin, *[size] * ((kind.trials - begin) // size)]


def _drawn(
    kind: Situation, generator: Generator, size: int, u: Floats, codes: Integers, score: Floats
) -> tuple[Floats, Integers]:
    """Points and choices; score: of the trials so far, minus infinity for those that were pruned."""
    points, chosen = generator.random((size, kind.parameters)), generator.integers(max(kind.choices, 1), size=size)
    if kind.drawn == "random" or not len(u):
        return points, chosen
    if kind.drawn == "narrowing":
        kept = u[np.argsort(-score)[:3]]
        margin = 0.1 * np.ptp(kept, axis=0) + 0.02
        low, high = np.maximum(kept.min(axis=0) - margin, 0.0), np.minimum(kept.max(axis=0) + margin, 1.0)
        return low + (high - low) * points, chosen
    near = generator.choice(np.argsort(-score)[: max(2, len(score) // 5)], size)
    moved = np.clip(u[near] + 0.12 * generator.standard_normal(points.shape), 0.0, 1.0)
    return moved, np.where(generator.random(size) < 0.8, codes[near], chosen)


def _ends(values: Floats) -> Integers:
    """Rungs that each trial of a cohort reaches, by (trials, rungs) values: successive halving."""
    reached, live = np.ones(len(values), dtype=np.int64), np.arange(len(values))
    for rung in range(len(RUNGS) - 1):
        live = live[np.argsort(-values[live, rung])][: max(1, -(-len(values) // 3 ** (rung + 1)))]
        reached[live] += 1
    return reached


def _table(kind: Situation, u: Floats, codes: Integers, runs: Floats, ends: Integers, stages: np.ndarray, seed: int) -> Table:
    columns = {f"x{place}": Column(f"x{place}", u[:, place], 0.0, 1.0) for place in range(kind.parameters)}
    if kind.choices:
        columns["choice"] = Column(
            "choice", codes.astype(float), 0.0, kind.choices - 1.0, choices=tuple("abcdef"[: kind.choices])
        )
    done = ends == len(RUNGS)

    def curves(row: int) -> tuple[Curve, ...]:
        at = np.array(RUNGS[: ends[row]])
        return tuple(Curve("epoch", at, {METRIC: runs[row, : ends[row], place]}) for place in range(kind.networks))

    return Table(
        name="planted", metrics=(METRIC,), maximise=(True,), numbers=np.arange(len(u)),
        outcomes=np.where(done, "completed", "pruned"), values=np.where(done, runs[:, -1].mean(axis=1), np.nan)[:, None],
        columns=columns, stages=stages, cohorts=np.full(len(u), -1), seconds=np.ones(len(u)), curves_of=curves, seed=seed,
        sampler="random" if kind.drawn != "learning" else "tpe",
    )  # fmt: skip


def places(kind: Situation, generator: Generator, count: int = 50) -> tuple[Floats, Integers]:
    """Random points of the whole space."""
    return generator.random((count, kind.parameters)), generator.integers(max(kind.choices, 1), size=count)


def query(u: Floats, codes: Integers, table: Table) -> dict[str, Floats]:
    """These points as a model is asked for them."""
    whole = {f"x{place}": along for place, along in enumerate(u.T)}
    return {**whole, "choice": codes.astype(np.float64)} if "choice" in table.columns else whole
