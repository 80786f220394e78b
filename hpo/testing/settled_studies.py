"""Studies without any effect that are looked at again and again: how often one of the looks gives a claim a verdict."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from ..analysis.table import Table
from ..findings import evaluate
from ..findings.looks import key
from ..spec import FindingSpec, FindingTest
from .planted import table

SIZES = (6, 4, 10, 20, 40, 80)
"""Trials of each of two groups in the search, and in each batch of evidence: as many as there are already."""

CLAIMS: Mapping[str, Mapping[str, Any]] = {
    "difference": {"group": {"choice": 1}, "against": {"choice": 0}, "direction": "higher"},
    "difference, paired": {"group": {"choice": 1}, "against": {"choice": 0}, "direction": "higher", "paired": True},
    "trend": {"parameter": "rate", "direction": "rising"},
    "best-region": {"parameter": "rate", "low": 0.0, "high": 0.5, "top": 6},
}
"""Each true or false by chance alone: none has an effect."""


def false_settled(studies: int, seed: int = 0, claim: str = "difference", sizes: tuple[int, ...] = SIZES) -> float:
    """Share of the studies in which a claim gets a verdict, settled batch by batch until there is one.

    A verdict stays whatever comes later, so that a study which stops at its first one has a verdict just where it has one after
    the last batch.
    """
    generator = np.random.default_rng(seed)
    test = FindingTest.model_validate({"kind": claim.partition(",")[0], **CLAIMS[claim]})
    stated = FindingSpec(claim=claim, test=test)
    make = _pairs if test.options().get("paired") else _alone
    found = (evaluate(make(generator, sizes, study, key(test)), [stated])[0].verdict for study in range(studies))
    return sum(verdict != "not enough evidence" for verdict in found) / studies


def _alone(generator: np.random.Generator, sizes: tuple[int, ...], seed: int, claim: str) -> Table:
    """Trials of both choices, each at a point of its own."""
    trials = 2 * sum(sizes)
    columns = {"choice": np.tile([0.0, 1.0], trials // 2), "rate": generator.random(trials)}
    return _after(table(columns, generator.standard_normal(trials), seed=seed), sizes, claim)


def _pairs(generator: np.random.Generator, sizes: tuple[int, ...], seed: int, claim: str) -> Table:
    """Pairs of trials that differ in the choice alone; each has a level of its own, five times as wide as the noise."""
    pairs = sum(sizes)
    rate = np.repeat(generator.random(pairs), 2)
    values = np.repeat(5.0 * generator.standard_normal(pairs), 2) + generator.standard_normal(2 * pairs)
    return _after(table({"choice": np.tile([0.0, 1.0], pairs), "rate": rate}, values, seed=seed), sizes, claim)


def _after(made: Table, sizes: tuple[int, ...], claim: str) -> Table:
    """The study with all trials but the first ones as evidence for a claim, batch after batch."""
    part = np.repeat(np.arange(len(sizes)), 2 * np.array(sizes))
    return replace(
        made,
        cohorts=part,
        evidence=np.where(part == 0, "", "claims"),
        first_network=part.astype(np.int64),
        looks=dict.fromkeys(range(1, len(sizes)), (claim,)),
    )
