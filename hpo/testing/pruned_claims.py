"""What pruning by value makes of claims: a claim of each kind about a parameter that has a head start and no effect."""

from typing import Any

from .planted import Planted, Truth
from .pruned_studies import (
    Learning,
    by_checked_halving,
    by_halving,
    by_median,
    everywhere,
    near_the_best,
    pruned,
    towards_the_best,
)

FAST, SLOW = {"speed": {"above": 0.5}}, {"speed": {"below": 0.5}}
APART = {"group": FAST, "against": SLOW, "direction": "higher"}
RISES = {"parameter": "speed", "direction": "rising"}
STAGES = ("wide", "narrow", "narrower", "narrowest", "last")
BY_RATE = {"parameter": "rate", "direction": "rising"}
CELLS = {"group": FAST, "against": SLOW}
LOW = {"validation_accuracy": {"below": 0.0}}
AT_FIRST = {
    "group": {"idle": {"above": 0.5}}, "against": {"idle": {"below": 0.5}}, "direction": "higher",
    "metric": "validation_accuracy@3",
}  # fmt: skip
GONE = {**APART, "metric": "diverged"}
AT_ONCE = {**RISES, "metric": "validation_accuracy@3"}
FAILING = Learning(hazard=0.03)

ABOUT_SPEED: tuple[tuple[str, Truth, dict[str, Any], float | None], ...] = (
    ("trend", "border", RISES, 0.5),
    ("difference", "border", APART, 0.0),
    ("equivalence", "true", {"groups": [FAST, SLOW], "margin": 0.1}, None),
    ("cliff", "false", {"parameter": "speed", "near": [0.0, 0.5], "beyond": {"above": 0.5}, "drop": 0.1}, 0.0),
    ("best-region", "border", {"parameter": "speed", "low": 0.5, "high": 1.0, "top": 7}, 0.5),
    ("best-shifts", "border", {"parameter": "speed", "by": "idle", "direction": "rising"}, None),
    ("importance-order", "border", {"order": ["speed", "idle"]}, 0.0),
    ("interaction", "border", {**CELLS, "when": {"idle": {"above": 0.5}}, "than": {"idle": {"below": 0.5}}}, 0.0),
    ("threshold", "false", {"quantity": "speed", "below": 0.5, "above": 0.5, "event": LOW, "rare": 0.2, "common": 0.3}, 0.0),
)
"""A claim of each kind about the parameter without effect, whether it is true, and the effect."""

HALVED = pruned(by_halving)
PRUNED: tuple[Planted, ...] = (
    *(Planted(kind, "halved, a head start", truth, test, HALVED, effect) for kind, truth, test, effect in ABOUT_SPEED),
    *(
        Planted(kind, f"{name}, a head start", "border", claim, pruned(prune, draw, stages=stages), effect)
        for name, prune, draw, stages in (
            ("pruned by the median", by_median, everywhere, ()),
            ("halved, five narrowing stages", by_halving, near_the_best, STAGES),
            ("halved, a sampler that learns", by_halving, towards_the_best, ()),
            ("halved and checked", by_checked_halving, everywhere, ()),
        )
        for kind, claim, effect in (("trend", RISES, 0.5), ("difference", APART, 0.0))
    ),
    Planted("trend", "halved and checked, 2 deviations", "true", BY_RATE, pruned(by_checked_halving, learning=Learning(2.0))),
    Planted("trend", "halved, at the first rung", "true", AT_ONCE, HALVED),
    Planted("difference", "halved, at the first rung, none", "border", AT_FIRST, HALVED, 0.0),
    Planted("difference", "share of diverged, halved, none", "border", GONE, pruned(by_halving, learning=FAILING), 0.0),
)  # fmt: skip
"""What pruning by value makes of claims."""
