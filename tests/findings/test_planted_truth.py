"""The short version of `python -m benchmarks findings`: false verdicts stay rare and intervals cover, kind by kind."""

import pytest
from scipy.stats import binom

from hpo.findings import KINDS
from hpo.testing.learning_studies import LEARNT, learning
from hpo.testing.planted import Make, Planted, calibrate, false_among_many, false_boundaries, false_explorations, noise
from hpo.testing.promises import kept_promises
from hpo.testing.pruned_claims import FAILING, PRUNED, STAGES
from hpo.testing.pruned_studies import by_halving, near_the_best, pruned
from hpo.testing.ranked_studies import RANKED
from hpo.testing.scenarios import SCENARIOS, narrowing

ALL = [*SCENARIOS, *PRUNED, *LEARNT, *RANKED]
STUDIES = 150
CHANCE = 1e-3
"""Of a right method failing here; seeds are fixed, so what passes goes on passing."""


def most(rate: float, studies: int = STUDIES) -> float:
    """The share that chance makes of a true rate at the most."""
    return float(binom.ppf(1 - CHANCE, studies, rate)) / studies


def least(rate: float, studies: int = STUDIES) -> float:
    """The share that chance makes of a true rate at the least."""
    return float(binom.ppf(CHANCE, studies, rate)) / studies


@pytest.mark.parametrize("planted", ALL, ids=lambda planted: f"{planted.kind}: {planted.name}")
def test_verdicts_can_be_trusted(planted: Planted) -> None:
    """A false verdict comes about in 5 % of the studies at the most, and a 95 % interval holds the truth in 93 % or more."""
    found = calibrate(planted, STUDIES, seed=7)
    assert found.false <= most(0.05)
    assert found.covered is None or found.covered >= least(0.93)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_held_to_the_truth(kind: str) -> None:
    """Each kind faces a claim that is true, one that is not, and has the power to find the true one."""
    scenarios = [planted for planted in SCENARIOS if planted.kind == kind]
    assert {"true", "false"} <= {planted.truth for planted in scenarios}
    powers = [calibrate(planted, 40).power for planted in scenarios if planted.truth == "true"]
    assert max(power for power in powers if power is not None) > 0.5


@pytest.mark.parametrize(
    ("make", "idle"),
    [
        (None, ("first", "second", "third")),
        (pruned(by_halving, learning=FAILING), ("rate", "idle")),
        (pruned(by_halving, near_the_best, FAILING, stages=STAGES), ("rate", "idle")),
        (narrowing(0.55), ("idle",)),
        (learning(breaks=True), ("idle", "other")),
    ],
    ids=["noise", "pruned", "pruned in stages", "stages", "a sampler that learns"],
)
def test_exploring_finds_nothing_about_what_has_no_effect(make: Make | None, idle: tuple[str, ...]) -> None:
    """Exploring tells of a parameter without effect in 5 % of the studies at the most, however trials were chosen and ended."""
    assert false_explorations(60, make=make, idle=idle) <= most(0.05, 60)


@pytest.mark.parametrize(
    ("make", "idle"),
    [
        (noise(40, 5), ("first", "second", "third", "fourth", "fifth")),
        (pruned(by_halving, learning=FAILING), ("speed", "rate", "idle")),
        (learning(breaks=True), ("idle", "other")),
    ],
    ids=["noise", "pruned", "a sampler that learns"],
)
def test_training_is_not_said_to_break_where_it_does_not(make: Make, idle: tuple[str, ...]) -> None:
    """Of all parameters and both sides together a false boundary is told in 5 % of the studies at the most."""
    assert false_boundaries(150, make=make, idle=idle) <= most(0.05)


def test_many_claims_are_corrected_together() -> None:
    """Ten claims about nothing get any verdict in 5 % of the studies at the most."""
    assert false_among_many(100) <= most(0.05, 100)


@pytest.mark.parametrize("claims", [1, 5, 10])
def test_as_many_more_as_would_do_do(claims: int) -> None:
    """Four of five claims are decided with as many trials as they were said to take, however many claims stand beside them."""
    assert least(0.8, 60) <= kept_promises(claims, 60)
