"""Claims that nothing could decide are told before a study is run."""

from typing import Any

import pytest

from hpo import catalog
from hpo.analysis.holm import holm
from hpo.findings import evaluate, out_of_reach
from hpo.spec import FindingSpec, StudySpec, loads
from hpo.testing import planted

BASE = """
title = "Where claims are put"
data = {{ name = "digits", train = 1000, validation = 400 }}
model = {{ name = "mlp" }}
training = {{ optimizer = "momentum", epochs = {epochs} }}
[space]
rate = {rate}
momentum = {{ low = 0.0, high = 0.9 }}
[search]
sampler = "{sampler}"
replicates = {replicates}
pruner = "{pruner}"
[[stage]]
name = "all"
trials = {trials}
"""
GRID = "{ option = 'learning_rate', values = [0.01, 0.02, 0.05, 0.1] }"
RANGE = "{ option = 'learning_rate', low = 0.001, high = 1.0, log = true }"
REGION = {"kind": "best-region", "parameter": "rate", "low": 0.01, "high": 0.1}
TREND = {"kind": "trend", "parameter": "rate", "direction": "rising"}
FALLS = {**TREND, "direction": "falling"}
APART = {"kind": "difference", "group": {"rate": 0.1}, "against": {"rate": 0.01}, "direction": "higher"}
GONE = {**APART, "metric": "diverged", "group": {"rate": {"above": 0.1}}, "against": {"rate": {"below": 0.1}}}
LIMIT = {"kind": "threshold", "quantity": "rate", "below": 0.1, "above": 0.1}


def spec(*tests: dict[str, Any], trials: int = 40, replicates: int = 1, pruner: str = "none", epochs: int = 9) -> StudySpec:
    """A study with these claims: a grid over four rates alone where one claims a trend or a value of it, else a random search."""
    grid = any(test in (TREND, FALLS, APART) for test in tests)
    text = BASE.format(
        rate=GRID if grid else RANGE, sampler="grid" if grid else "random", trials=4 if grid else trials,
        replicates=replicates, pruner=pruner, epochs=epochs,
    )  # fmt: skip
    made = loads(text.replace("momentum = { low = 0.0, high = 0.9 }\n", "") if grid else text)
    claims = [FindingSpec.model_validate({"claim": f"claim {place}", "test": test}) for place, test in enumerate(tests)]
    return made.model_copy(update={"finding": tuple(claims)})


@pytest.mark.parametrize(
    ("made", "told"),
    [
        (spec(REGION), []),
        (
            spec(REGION, {**REGION, "low": 0.02}),
            ["with top = 5 p cannot fall below 0.0312, and among 2 claims it must not exceed 0.02; top = 6 would do"] * 2,
        ),
        (spec({**REGION, "top": 7}, {**REGION, "low": 0.02, "top": 7}), []),
        (spec({**REGION, "top": 40}), ["the 40 best of 40 trials are all there are; more than 40 trials would do"]),
        (
            spec(TREND),
            [
                "with 4 trials along rate p cannot fall below 0.134, and it must not exceed 0.04; 6 trials along rate would do",
            ],
        ),
        (spec(TREND, replicates=3), []),
        (
            spec({**TREND, "metric": "seconds"}, TREND, replicates=3),
            [
                "with 4 trials along rate p cannot fall below 0.134, and among 2 claims it must not exceed 0.02; 7 trials along"
                " rate would do"
            ],
        ),
        (
            spec(APART),
            [
                "one value of a group shows nothing of chance; search.replicates of 3 or more, or more trials in each group,"
                " would do"
            ],
        ),
        (spec(APART, replicates=2), []),
        (
            spec({**APART, "group": {"rate": {"above": 2.0}}, "against": {"rate": {"below": 0.1}}}),
            ["no trial can be in one of its groups; search.replicates of 3 or more, or more trials in each group, would do"],
        ),
        (
            spec(GONE, trials=4),
            [
                "with 2 trials in each group p cannot fall below 0.102, and it must not exceed 0.04; 3 trials in each group would"
                " do"
            ],
        ),
        (spec(LIMIT, trials=100), []),
        (
            spec(LIMIT),
            ["with 39 trials on one side p cannot fall below 0.135, and it must not exceed 0.04; 63 trials on one side would do"],
        ),
        (
            spec(REGION, pruner="successive-halving"),
            [
                "successive-halving chooses by their values which trials go on, so that those that come to their end are no fair"
                " sample; search.pruner = 'none' or 'checked-halving', or metric = 'validation_accuracy@1' would do"
            ],
        ),
        (spec({**REGION, "metric": "validation_accuracy@1"}, pruner="successive-halving"), []),
        (spec({**REGION, "metric": "validation_accuracy@2"}, pruner="hyperband"), ["hyperband chooses by their values"]),
        (spec(REGION, pruner="checked-halving"), []),
        (spec(LIMIT, trials=100, pruner="median"), []),
    ],
)
def test_what_is_out_of_reach_is_told_with_what_would_do(made: StudySpec, told: list[str]) -> None:
    """The smallest p that trials, networks, values of the parameter and the number of claims leave is known beforehand."""
    found = out_of_reach(made)
    assert len(found) == len(told)
    for one, reason in zip(found, told, strict=True):
        assert one.startswith("no result of the search alone can decide the claim 'claim ")
        assert reason in one


def test_what_would_do_does() -> None:
    """The best case of a claim that is out of reach is not enough; with what was said to do, it is."""
    rates = planted.np.geomspace(0.001, 1, 40)
    best = planted.table({"rate": rates}, -abs(planted.np.log10(rates) + 1.5), log=("rate",))
    for top, decided in ((5, False), (6, True)):
        claims = spec({**REGION, "top": top}, {**REGION, "low": 0.02, "high": 0.05, "top": top}).finding
        found = evaluate(best, claims)
        assert [one.verdict == "supported" for one in found] == [decided] * 2
        assert holm([one.p or 0 for one in found]) == [one.corrected for one in found]


@pytest.mark.parametrize("name", catalog.names())
def test_the_claims_of_every_built_in_study_can_be_decided(name: str) -> None:
    """A study that comes with hpo claims nothing that its own plan could not show."""
    assert out_of_reach(catalog.builtin(name)) == []
