"""A test that is not well put is refused before a study begins, with every fault."""

from typing import Any

import pytest

from hpo import catalog
from hpo.findings import KINDS, check, faults_of
from hpo.spec import FindingTest, loads

SPEC = loads(
    """
title = "A study with every sort of parameter"
data = { name = "digits", train = 1000, validation = 400 }
model = { name = "mlp" }
training = { optimizer = "momentum", epochs = 5 }
derived = { effective_rate = "rate / ((1 - momentum) * batch_size)" }
[space]
rate = { option = "learning_rate", low = 0.001, high = 1.0, log = true }
batch_size = { low = 16, high = 64 }
batch_norm = { choices = [true, false] }
[[stage]]
name = "all"
trials = 4
"""
)
GOOD: dict[str, dict[str, Any]] = {
    "best-region": {"parameter": "rate", "low": 0.01, "high": 0.1},
    "best-shifts": {"parameter": "rate", "by": "batch_size", "direction": "rising"},
    "cliff": {"parameter": "rate", "near": [0.01, 0.1], "beyond": {"above": 0.5}, "drop": 0.1},
    "difference": {"group": {"batch_norm": True}, "against": {"batch_norm": False}, "direction": "higher", "at_least": 0.1},
    "divergence-boundary": {"parameter": "effective_rate", "low": 0.01, "high": 0.03},
    "equivalence": {"groups": [{"batch_size": 16}, {"batch_size": 64}], "margin": 0.01, "metric": "training_loss@3"},
    "importance-order": {"order": ["rate", "batch_size"], "where": {"batch_norm": True}},
    "interaction": {
        "group": {"batch_norm": True},
        "against": {"batch_norm": False},
        "when": {"rate": {"above": 0.1}},
        "than": {"rate": {"below": 0.1}},
    },
    "threshold": {"quantity": "effective_rate", "below": 0.01, "above": 0.03, "event": {"validation_accuracy": {"below": 0.9}}},
    "trend": {"parameter": "rate", "direction": "rising", "where": {"stage": "all"}, "metric": "seconds"},
}


def faults(kind: str, **options: Any) -> list[str]:
    """The faults of a test in the study above."""
    return check(FindingTest.model_validate({"kind": kind, **options}), SPEC)


def test_there_is_a_good_example_of_every_kind() -> None:
    """The examples of this file cover the registry, and none has a fault."""
    assert set(GOOD) == set(KINDS)
    assert {kind: faults(kind, **options) for kind, options in GOOD.items() if faults(kind, **options)} == {}


@pytest.mark.parametrize("name", catalog.names())
def test_the_claims_of_every_built_in_study_are_well_put(name: str) -> None:
    """Nothing that a report claims falls through for a misspelt key."""
    assert faults_of(catalog.builtin(name)) == {}


@pytest.mark.parametrize(
    ("kind", "change", "fault"),
    [
        ("trend", {"parametr": "rate"}, "parametr: unknown key of a trend test 'parametr': did you mean 'parameter'?"),
        ("trend", {"parameter": None}, "parameter: must be text in quotes, got None"),
        ("trend", {"direction": "up"}, "direction: unknown direction 'up': it must be falling or rising"),
        ("trend", {"parameter": "rates"}, "parameter: unknown parameter or derived quantity 'rates': did you mean 'rate'?"),
        ("trend", {"parameter": "batch_norm"}, "parameter: batch_norm has choices, which have no order"),
        ("trend", {"metric": "valid_accuracy"}, "metric: unknown metric 'valid_accuracy'"),
        ("trend", {"metric": "training_loss@last"}, "metric: a metric of training is read at an epoch from 1"),
        ("trend", {"metric": "seconds@3"}, "metric: a metric of training is read at an epoch from 1"),
        ("trend", {"where": {"stage": "al"}}, "where.stage: unknown stage 'al': did you mean 'all'?"),
        ("trend", {"where": {"outcome": "gone"}}, "where.outcome: unknown outcome 'gone'"),
        ("trend", {"where": {"rte": 0.1}}, "where.rte: unknown parameter or metric 'rte': did you mean 'rate'?"),
        ("trend", {"where": {"rate": 0.1}}, "where.rate: no two trials share a value of a continuous range"),
        ("trend", {"where": {"rate": True}}, "where.rate: a number, [low, high]"),
        ("trend", {"where": {"rank": "best"}}, "where.rank: rank is a number, got 'best'"),
        ("trend", {"where": {"rank": [1, 5]}}, "where.rank: ranks are chosen by the very values that the claim tests"),
        (
            "difference",
            {"group": {"validation_accuracy": {"above": 0.5}}},
            "group.validation_accuracy: trials that are set apart by a metric differ in that metric",
        ),
        ("trend", {"where": {"batch_norm": "yes"}}, "where.batch_norm: one of the choices [True, False], got 'yes'"),
        ("trend", {"where": {"batch_size": 15}}, "where.batch_size: one of the grid's values"),
        ("trend", {"where": {"rate": [0.3, 0.1]}}, "where.rate: low must not exceed high, got [0.3, 0.1]"),
        ("trend", {"where": {"rate": {"over": 0.1}}}, "where.rate.over: unknown key of a bound 'over'"),
        ("trend", {"where": {"rate": {}}}, "where.rate: give above or below"),
        ("best-region", {"top": 4}, "top: must be at least 5, got 4"),
        ("best-region", {"low": 0.2}, "low must be below high, got low=0.2 and high=0.1"),
        ("difference", {"group": {}}, "give group and against, or against_metric"),
        ("difference", {"against_metric": "training_loss"}, "give against or against_metric, not both"),
        ("difference", {"at_most": 0.05}, "at_least is 0 or more and below at_most, got 0.1 and 0.05"),
        ("equivalence", {"margin": 0}, "margin: must be above 0, got 0"),
        ("equivalence", {"groups": [{"batch_size": 16}]}, "groups: must have 2 or more entries"),
        ("importance-order", {"order": ["rate", "rate"]}, "the parameters of an order differ"),
        ("interaction", {"than": {}}, "group, against, when and than each name a condition"),
        ("threshold", {"below": 0.05}, "below must not exceed above, got below=0.05 and above=0.03"),
        ("threshold", {"rare": 0.6}, "rare must be below common, got rare=0.6 and common=0.5"),
    ],
)
def test_a_fault_is_told_with_its_key(kind: str, change: dict[str, Any], fault: str) -> None:
    """Every option that cannot be right is named, with what it was and what it may be."""
    found = faults(kind, **{**GOOD[kind], **change})
    assert len(found) >= 1
    assert any(one.startswith(fault) for one in found), found


def test_all_faults_come_at_once() -> None:
    """One look at the message is enough to mend the test."""
    found = faults("best-region", parameter="rates", low=0.01, where={"rte": 1}, metric="speed", hihg=0.1)
    assert {one.split(":")[0] for one in found} == {"high", "hihg", "parameter", "metric", "where.rte"}
    found = faults("best-region", parameter="rates", low=0.01, high=0.1, where={"rte": 1}, metric="speed")
    assert {one.split(":")[0] for one in found} == {"parameter", "where.rte", "metric"}


def test_an_unknown_kind_is_answered_with_the_nearest() -> None:
    """A misspelt kind is the only fault that is told, since nothing else can be judged."""
    assert faults("best-regoin")[0].startswith("kind: unknown kind of test 'best-regoin': did you mean 'best-region'?")


def test_ranks_are_taken_where_replicates_choose() -> None:
    """With two networks to a trial one ranks and the other is looked at, and an event may be a rank of its own."""
    twice = SPEC.model_copy(update={"search": SPEC.search.model_copy(update={"replicates": 2})})
    ranked = FindingTest.model_validate({"kind": "trend", **GOOD["trend"], "where": {"rank": [1, 3]}})
    assert check(ranked, twice) == []
    assert faults("threshold", **{**GOOD["threshold"], "event": {"rank": [1, 2]}}) == []
