"""Each kind of test says what it measured, and judges a claim and its opposite the other way round."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from hpo.analysis.table import Curve, Table
from hpo.findings import KINDS, Evidence
from hpo.findings.finding import Undecidable
from hpo.findings.wording import amount
from hpo.testing import planted, scenarios


def measure(table: Table, kind: str, **options: Any) -> Evidence:
    """The evidence of one test."""
    return KINDS[kind].measure(table, KINDS[kind].options.model_validate(options))


def made(make: scenarios.Make, seed: int = 0) -> Table:
    """One study of a scenario."""
    return make(np.random.default_rng(seed), seed)


GROUPS = {"group": {"choice": 1}, "against": {"choice": 0}}


@pytest.mark.parametrize(
    ("table", "kind", "claimed", "opposite"),
    [
        (
            made(scenarios.two_groups(20, 20, 2.0, scenarios.normal)),
            "difference",
            {**GROUPS, "direction": "higher"},
            {"direction": "lower"},
        ),
        (
            made(scenarios.blocks(20, 2.0)),
            "difference",
            {**GROUPS, "direction": "higher", "paired": True},
            {"direction": "lower"},
        ),
        (made(scenarios.line(60, 3.0)), "trend", {"parameter": "rate", "direction": "rising"}, {"direction": "falling"}),
        (
            made(scenarios.peak(120, 0.67, 20.0)),
            "best-region",
            {"parameter": "rate", "low": 0.03, "high": 0.3, "top": 10},
            {"low": 0.001, "high": 0.03},
        ),
        (
            made(scenarios.ridge(60, 1.0)),
            "best-shifts",
            {"parameter": "rate", "by": "batch", "direction": "rising"},
            {"direction": "falling"},
        ),
        (
            made(scenarios.groups((0.0, 0.9), 80)),
            "equivalence",
            {"groups": [{"choice": 0}, {"choice": 1}], "margin": 1.5},
            {"margin": 0.1},
        ),
        (
            made(scenarios.drop(100, 3.0)),
            "cliff",
            {"parameter": "rate", "near": [0, 0.75], "beyond": {"above": 0.75}, "drop": 1.0},
            {"drop": 6.0},
        ),
        (
            made(scenarios.two_parabolas(100, 6.0, 1.0)),
            "importance-order",
            {"order": ["first", "second"]},
            {"order": ["second", "first"]},
        ),
        (
            made(scenarios.break_at(100, -1.5, 8.0)),
            "divergence-boundary",
            {"parameter": "rate", "low": 0.01, "high": 0.1},
            {"low": 0.3, "high": 0.9},
        ),
        (
            made(scenarios.two_by_two(30, 1.0, 3.0)),
            "interaction",
            {**GROUPS, "when": {"rate": 1}, "than": {"rate": 0}},
            {"direction": "smaller"},
        ),
        (
            made(scenarios.steps(120, 0.0, 0.9)),
            "threshold",
            {"quantity": "quantity", "below": 1.0, "above": 1.0},
            {"rare": 0.95, "common": 1.0},
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_claim_and_its_opposite(table: Table, kind: str, claimed: dict[str, Any], opposite: dict[str, Any]) -> None:
    """A true claim holds and its opposite does not, both beyond doubt; the sentence is one, and tells the interval."""
    for options, holds in ((claimed, True), ({**claimed, **opposite}, False)):
        found = measure(table, kind, **options)
        assert found.holds is holds
        assert found.p <= 0.05
        assert found.low <= found.effect <= found.high
        assert not found.sentence[0].islower()
        assert found.sentence.endswith(".")
        assert "95 % interval" in found.sentence


def test_a_difference_in_words() -> None:
    """The sentence names the metric, the groups, the size with its unit, and what it rests on."""
    values = np.array([0.50, 0.51, 0.52, 0.40, 0.41, 0.42])
    table = planted.table({"rate": np.repeat([0.01, 0.1], 3), "other": np.arange(6.0)}, values)
    found = measure(table, "difference", group={"rate": 0.1}, against={"rate": 0.01}, direction="lower", at_least=0.05)
    assert found.sentence == (
        "Validation accuracy is 10 points lower with rate 0.1 than with rate 0.01 (95 % interval 7.73 to 12.3 points;"
        " 3 trials against 3 trials)."
    )
    assert found.holds


def test_networks_at_one_point_are_units() -> None:
    """Replicates of two points are compared network by network; replicates at many points are not taken for independent."""
    two = made(scenarios.replicated(5, 3.0))
    assert measure(two, "difference", **GROUPS, direction="higher").n == 10
    runs = np.random.default_rng(0).standard_normal((8, 5))
    columns = {"choice": np.repeat([0.0, 1.0], 4), "other": np.arange(8.0)}
    many = planted.table(columns, runs.mean(axis=1), replicates=runs)
    assert measure(many, "difference", **GROUPS, direction="higher").n == 8


def test_diverged_trials_count_as_the_worst() -> None:
    """A group that diverges is compared by the worst completed value, and a note says so."""
    gone = np.array([False] * 6 + [True] * 6)
    values = np.array([0.9, 0.8, 0.85, 0.1, 0.9, 0.88, *[np.nan] * 6])
    table = planted.table({"choice": np.repeat([0.0, 1.0], 6), "other": np.arange(12.0)}, values, diverged=gone)
    found = measure(table, "difference", **GROUPS, direction="lower", at_least=0.2)
    assert found.effect == pytest.approx(0.1 - values[:6].mean())
    assert found.notes == ("6 diverged networks counted as the worst completed value",)
    assert measure(table, "difference", **GROUPS, direction="higher", metric="diverged").effect == 1


def test_metrics_of_the_same_networks_are_paired() -> None:
    """One metric against another is compared within each network, at the epochs that are asked for."""
    falls = [Curve("epoch", np.array([1.0, 2.0]), {"training_loss": np.array([2.0 + 0.1 * n, 1.0 + 0.1 * n])}) for n in range(4)]
    table = replace(planted.table({"choice": np.array([1.0])}, np.array([0.5])), curves_of=lambda row: tuple(falls))
    found = measure(
        table, "difference", metric="training_loss@1", against_metric="training_loss", direction="higher", at_least=0.5
    )
    assert (found.effect, found.n) == (pytest.approx(1.0), 4)
    assert "training loss at epoch 1 is 1 higher than training loss" in found.sentence.lower()
    same = measure(table, "equivalence", metric="training_loss@1", against_metric="training_loss", margin=0.5)
    assert not same.holds


def test_a_grid_without_replicates_is_told_so() -> None:
    """One run for each group shows nothing of chance: the claim is undecided, with what would help."""
    table = planted.table({"choice": np.array([0.0, 1.0])}, np.array([0.1, 0.9]))
    with pytest.raises(Undecidable, match="1 trial with choice 1 cannot show") as caught:
        measure(table, "difference", **GROUPS, direction="higher")
    assert caught.value.more == 2


def test_stages_are_not_compared() -> None:
    """Groups that share no stage are not compared, and a trend is looked for within stages alone."""
    table = made(scenarios.two_groups(10, 10, 2.0, scenarios.normal))
    apart = replace(table, stages=np.repeat(["wide", "narrow"], 10))
    with pytest.raises(Undecidable, match="trials of different stages cannot be compared"):
        measure(apart, "difference", **GROUPS, direction="higher")
    with pytest.raises(Undecidable, match="varies within no stage"):
        measure(apart, "trend", parameter="choice", direction="rising")


@pytest.mark.parametrize(("epochs", "n"), [((8, 8), 24), ((8, 12), None)])
def test_stages_that_differ_in_nothing_else_are_compared(epochs: tuple[int, int], n: int | None) -> None:
    """Where one parameter varies, only trials of stages that trained equally long are compared."""
    rate, stages = np.concatenate([np.linspace(0.1, 0.4, 12), np.linspace(0.6, 0.9, 12)]), np.repeat(["near", "far"], 12)
    table = planted.table({"rate": rate}, np.random.default_rng(0).random(24) - 2 * (rate > 0.5))
    curves = {stage: (Curve("epoch", np.arange(1.0, end + 1), {}),) for stage, end in zip(("near", "far"), epochs, strict=True)}
    staged = replace(table, stages=stages, curves_of=lambda row: curves[str(stages[row])])
    options = {"parameter": "rate", "near": [0.0, 0.5], "beyond": {"above": 0.5}, "drop": 1.0}
    if n is None:
        with pytest.raises(Undecidable, match="trials of different stages"):
            measure(staged, "cliff", **options)
    else:
        assert measure(staged, "cliff", **options).n == n


def test_a_region_that_holds_a_whole_stage() -> None:
    """A stage whose box lies inside the region says nothing about it, and is left out with a note."""
    rate = np.concatenate([np.geomspace(0.001, 1, 40), np.linspace(0.08, 0.12, 20)])
    values = -np.abs(np.log10(rate) + 1) + np.repeat([0.0, 1.0], [40, 20])
    table = planted.table({"rate": rate, "other": np.arange(60.0)}, values, log=("rate",))
    staged = replace(table, stages=np.repeat(["wide", "narrow"], [40, 20]))
    found = measure(staged, "best-region", parameter="rate", low=0.05, high=0.2, top=5)
    assert found.n == 40
    assert found.notes == ("20 trials left out: their stages lie wholly inside or wholly outside the region",)
    assert found.holds
    assert found.p <= 0.05


def test_a_shift_in_words() -> None:
    """On logarithmic scales a shift is told as a factor for each doubling."""
    found = measure(made(scenarios.ridge(200, 1.0)), "best-shifts", parameter="rate", by="batch", direction="rising")
    assert "doubling batch multiplies the best rate by" in found.sentence
    assert found.effect == pytest.approx(1.0, abs=0.15)


def test_no_peak_no_shift() -> None:
    """Where the metric has no best value inside the range, a shift of it cannot be shown."""
    generator = np.random.default_rng(0)
    columns = {"rate": generator.random(40), "batch": generator.random(40)}
    table = planted.table(columns, columns["rate"] + 0.1 * generator.standard_normal(40))
    found = measure(table, "best-shifts", parameter="rate", by="batch", direction="rising")
    assert found.p > 0.05
    assert "no best value shows" in found.sentence


@pytest.mark.parametrize(
    ("kind", "options", "reason"),
    [
        ("trend", {"parameter": "nothing", "direction": "rising"}, "no numeric parameter or derived quantity 'nothing'"),
        ("trend", {"parameter": "choice", "direction": "rising", "where": {"choice": 1}}, "all have the same one"),
        ("difference", {**GROUPS, "direction": "higher", "where": {"nowhere": 1}}, "unknown parameter or metric 'nowhere'"),
        ("difference", {"group": {"choice": 7}, "against": {"choice": 0}, "direction": "higher"}, "no trial with choice 7"),
        ("difference", {**GROUPS, "direction": "higher", "paired": True}, "0 pairs cannot show"),
        ("best-region", {"parameter": "other", "low": 0.1, "high": 0.2, "top": 40}, "takes more than 40 trials"),
        ("best-region", {"parameter": "other", "low": -1, "high": 2}, "all trials lie on one side"),
        ("best-shifts", {"parameter": "choice", "by": "other", "direction": "rising"}, "3 values of it"),
        ("importance-order", {"order": ["choice", "nothing"]}, "nothing did not vary"),
        ("divergence-boundary", {"parameter": "other", "low": 0.1, "high": 0.2}, "none of 40 trials diverged"),
        ("threshold", {"quantity": "other", "below": -5, "above": 0.5}, "no trial has other below -5"),
        ("interaction", {**GROUPS, "when": {"other": [0, 0.5]}, "than": {"other": [5, 6]}}, "no trial with other from 5 to 6"),
    ],
)
def test_why_a_claim_cannot_be_decided(kind: str, options: dict[str, Any], reason: str) -> None:
    """A study that does not hold the answer is told apart from one that says no."""
    with pytest.raises(Undecidable, match=reason):
        measure(made(scenarios.two_groups(20, 20, 0.0, scenarios.normal)), kind, **options)


def test_large_studies_are_thinned() -> None:
    """Where every pair of trials is looked at, a part of a large study is used, and a note says so."""
    found = measure(made(scenarios.line(2000, 1.0)), "trend", parameter="rate", direction="rising")
    assert (found.n, found.notes) == (1500, ("1,500 of them, drawn at random",))
    table = made(scenarios.two_groups(1600, 20, 1.0, scenarios.normal))
    options = {**GROUPS, "direction": "higher", "average": "hodges-lehmann"}
    assert measure(table, "difference", **options).notes == ("at most 1,500 of a group, drawn at random",)


@pytest.mark.parametrize(
    ("metric", "size", "words"),
    [
        ("validation_accuracy", 0.1234, "12.3 points"),
        ("validation_accuracy@3", 0.01, "1 point"),
        ("accuracy", 12.0, "12"),
        ("training_loss", 0.00123, "0.00123"),
        ("seconds", 5.0, "5 s"),
        ("value", 12345.6, "12,346"),
        ("value", -0.0, "0"),
        ("value", float("inf"), "no limit"),
    ],
)
def test_sizes_in_words(metric: str, size: float, words: str) -> None:
    """Accuracies of hpo are told in points, those of others as they are; numbers have three digits and no needless exponent."""
    assert amount(metric, size) == words
