"""Studies made of numbers in which the truth is known: what a kind of finding says about them shows whether it can be trusted."""

from collections.abc import Callable, Collection, Mapping
from typing import Any, Literal, NamedTuple

import numpy as np

from ..analysis.stability import Stability, stability
from ..analysis.table import Column, Curve, Curves, Floats, Table, Texts, Truths, no_curves
from ..findings import KINDS, evaluate, explore
from ..findings.finding import LEVEL, Undecidable
from ..spec import FindingSpec, FindingTest

Make = Callable[[np.random.Generator, int], Table]
"""A study, from a generator and a seed."""
TREND = {"kind": "trend"}
PARAMETERS = ("first", "second", "third", "fourth", "fifth")

Truth = Literal["true", "false", "border"]
"""border: the truth lies exactly where a claim turns from true to false, so that no verdict is right."""


class Planted(NamedTuple):
    """A claim about studies in which it is known whether it is true."""

    kind: str
    name: str
    truth: Truth
    options: Mapping[str, Any]
    make: Make
    effect: float | None = None
    """The true effect, in the units of the kind; None where the kind's effect has no simple truth here."""


class Calibration(NamedTuple):
    """How often a test came to what."""

    planted: Planted
    studies: int
    supported: float
    """Share of the studies."""
    contradicted: float
    covered: float | None
    """Share of the intervals that hold the true effect."""

    @property
    def false(self) -> float:
        """Share of the studies with a verdict that is not right."""
        wrong = {"true": self.contradicted, "false": self.supported, "border": self.supported + self.contradicted}
        return wrong[self.planted.truth]

    @property
    def power(self) -> float | None:
        """Share of the studies with the right verdict; None where no verdict is right."""
        return {"true": self.supported, "false": self.contradicted, "border": None}[self.planted.truth]


def calibrate(planted: Planted, studies: int, seed: int = 0) -> Calibration:
    """Put a claim to so many studies."""
    kind = KINDS[planted.kind]
    options = kind.options.model_validate(dict(planted.options))
    generator = np.random.default_rng(seed)
    supported = contradicted = covered = measured = 0
    for study in range(studies):
        try:
            found = kind.measure(planted.make(generator, study), options)
        except Undecidable:
            continue
        measured += 1
        supported += found.p <= LEVEL and found.holds
        contradicted += found.p <= LEVEL and not found.holds
        covered += planted.effect is not None and found.low <= planted.effect <= found.high
    share = covered / measured if planted.effect is not None and measured else None
    return Calibration(planted, studies, supported / studies, contradicted / studies, share)


def table(
    columns: Mapping[str, Floats],
    values: Floats,
    *,
    seed: int = 0,
    log: tuple[str, ...] = (),
    diverged: Truths | None = None,
    replicates: Floats | None = None,
) -> Table:
    """A study with these parameters and values, higher being better.

    columns: by name, (trials,); those in `log` are on a logarithmic scale. diverged: by trial; those have no value.
    replicates: (trials, networks), of which the values are the means.
    """
    n = len(values)
    gone = np.zeros(n, dtype=np.bool_) if diverged is None else diverged
    outcomes: Texts = np.where(gone, "diverged", "completed")
    return Table(
        name="planted",
        metrics=("validation_accuracy",),
        maximise=(True,),
        numbers=np.arange(n),
        outcomes=outcomes,
        values=np.where(gone, np.nan, values)[:, None],
        columns={name: _column(name, numbers, name in log) for name, numbers in columns.items()},
        stages=np.full(n, ""),
        cohorts=np.full(n, -1),
        seconds=np.ones(n),
        curves_of=no_curves if replicates is None else _curves(replicates),
        seed=seed,
        sampler="random",
    )


def _column(name: str, numbers: Floats, log: bool) -> Column:
    return Column(name, numbers.astype(np.float64), float(numbers.min()), float(numbers.max()), log)


def _curves(replicates: Floats) -> Curves:
    def of(row: int) -> tuple[Curve, ...]:
        return tuple(Curve("epoch", np.ones(1), {"validation_accuracy": np.array([value])}) for value in replicates[row])

    return of


def false_explorations(studies: int, seed: int = 0, make: Make | None = None, idle: Collection[str] = PARAMETERS[:3]) -> float:
    """Share of studies in which exploring finds anything about parameters without effect.

    By default of 40 trials of pure noise, three parameters, a tenth diverged.
    """
    generator, make = np.random.default_rng(seed), make or noise(40)
    found = ([one.claim.replace(",", " ").split() for one in explore(make(generator, study))] for study in range(studies))
    return sum(any(set(idle) & set(words) for words in claims) for claims in found) / studies


def false_boundaries(studies: int, seed: int = 0, make: Make | None = None, idle: Collection[str] = PARAMETERS) -> float:
    """Share of studies in which training is said to break along a parameter that has nothing to do with it.

    By default of 40 trials, five parameters, a tenth diverged.
    """
    generator, make = np.random.default_rng(seed), make or noise(40, 5)
    found = (stability(make(generator, study)) for study in range(studies))
    told = (
        [one.parameter for one in each.boundaries if one.p <= LEVEL and one.inside]
        for each in found
        if isinstance(each, Stability)
    )
    return sum(bool(set(idle) & set(names)) for names in told) / studies


def false_among_many(studies: int, seed: int = 0, trials: int = 40) -> float:
    """Share of studies of pure noise in which any of ten claims, none of them true, gets a verdict of any kind."""
    generator = np.random.default_rng(seed)
    claims = [
        FindingSpec(
            claim=f"{name} {direction}", test=FindingTest.model_validate({**TREND, "parameter": name, "direction": direction})
        )
        for name in PARAMETERS
        for direction in ("rising", "falling")
    ]
    make = noise(trials, 5)
    verdicts = ([one.verdict for one in evaluate(make(generator, study), claims)] for study in range(studies))
    return sum(any(verdict != "not enough evidence" for verdict in found) for found in verdicts) / studies


def noise(trials: int, parameters: int = 3) -> Make:
    """Studies in which nothing has any effect and a tenth of the trials diverges."""

    def make(generator: np.random.Generator, seed: int) -> Table:
        columns = {name: generator.random(trials) for name in PARAMETERS[:parameters]}
        return table(columns, generator.standard_normal(trials), seed=seed, diverged=generator.random(trials) < 0.1)

    return make
