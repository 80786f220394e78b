"""Whether findings can be trusted: claims put to studies in which the truth is known.

    python -m benchmarks findings [--studies 1000] [--seed 1] [--kind KIND] [--intervals]

For every scenario of hpo.testing: how often a verdict was false (it should be at most 5 %), how often the 95 % interval held the
true effect (93 to 97 %), and the power. Then how often exploring finds anything about a parameter without effect, how often
training is said to break along one, how often one of ten false claims to one study gets a verdict, how often a claim without any
effect gets one that is looked at again and again, and how often claims are decided once there are as many trials as were said to
do. A short version runs among the tests.
"""

import argparse
from collections.abc import Iterator, Mapping

import numpy as np

from hpo.analysis.table import Floats
from hpo.findings import KINDS
from hpo.findings.contrast import contrast, difference
from hpo.findings.wording import counted
from hpo.testing.learning_studies import LEARNT, learning
from hpo.testing.planted import (
    PARAMETERS,
    Calibration,
    Make,
    calibrate,
    false_among_many,
    false_boundaries,
    false_explorations,
    noise,
)
from hpo.testing.promises import kept_promises
from hpo.testing.pruned_claims import FAILING, PRUNED, STAGES
from hpo.testing.pruned_studies import by_halving, near_the_best, pruned
from hpo.testing.ranked_studies import RANKED
from hpo.testing.scenarios import SCENARIOS, narrowing, normal, skewed
from hpo.testing.settled_studies import CLAIMS, false_settled


def main(argv: list[str]) -> None:
    """Print the table."""
    options = _options(argv)
    if options.intervals:
        for line in _intervals(options.studies, options.seed):
            print(line, flush=True)
        return
    print(f"{options.studies} studies for each line\n")
    print(f"{'kind':20} {'scenario':46} {'truth':7} {'false':>7} {'covered':>8} {'power':>7}")
    for planted in (*SCENARIOS, *PRUNED, *LEARNT, *RANKED):
        if options.kind in (None, planted.kind):
            print(_line(calibrate(planted, options.studies, options.seed)), flush=True)
    if options.kind is None:
        for line in _together(options.studies, options.seed):
            print(line, flush=True)


STUDIES: Mapping[str, tuple[Make, tuple[str, ...]]] = {
    "40 trials of pure noise": (noise(40), PARAMETERS),
    "100 trials, halved, a head start": (pruned(by_halving, learning=FAILING), ("rate", "idle")),
    "100 trials, halved, five narrowing stages": (
        pruned(by_halving, near_the_best, FAILING, stages=STAGES),
        ("rate", "idle"),
    ),
    "50 trials, three narrowing stages": (narrowing(0.55), ("idle",)),
    "50 trials, a sampler that learns": (learning(breaks=True), ("idle", "other")),
}
"""Studies and their parameters without effect on the value."""
BREAKING: Mapping[str, tuple[Make, tuple[str, ...]]] = {
    "40 trials, five parameters": (noise(40, 5), PARAMETERS),
    "100 trials, halved": (pruned(by_halving, learning=FAILING), ("speed", "rate", "idle")),
    "100 trials, halved, five narrowing stages": (
        pruned(by_halving, near_the_best, FAILING, stages=STAGES),
        ("speed", "rate", "idle"),
    ),
    "50 trials, a sampler that learns": (learning(breaks=True), ("idle", "other")),
}
"""Studies and their parameters that have nothing to do with divergence."""


def _together(studies: int, seed: int) -> Iterator[str]:
    """What spans more than one test."""
    yield ""
    for name, (make, idle) in STUDIES.items():
        yield f"exploring {name}: a false finding in {_percent(false_explorations(studies, seed, make, idle))} of the studies"
    for name, (make, idle) in BREAKING.items():
        yield f"boundaries, {name}: a false one in {_percent(false_boundaries(studies, seed, make, idle))} of the studies"
    claimed = _percent(false_among_many(studies, seed))
    yield f"ten false claims to 40 trials of pure noise: a verdict in {claimed} of the studies"
    for claim in CLAIMS:
        settled = _percent(false_settled(studies, seed, claim))
        yield f"settled batch by batch, no effect, {claim}: a verdict in {settled} of the studies by the sixth look"
    for claims in (1, 5, 10):
        kept = _percent(kept_promises(claims, studies, seed))
        yield f"as many more as would do, {counted(claims, 'claim')}: decided in {kept} of the studies"


def _options(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks findings", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--studies", type=int, default=1000, help="for each scenario")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kind", choices=sorted(KINDS), help="this kind only")
    parser.add_argument(
        "--intervals", action="store_true", help="compare the interval of a difference with the bootstrap's instead"
    )
    return parser.parse_args(argv)


def _line(found: Calibration) -> str:
    planted = found.planted
    covered, power = (_percent(share) if share is not None else "-" for share in (found.covered, found.power))
    return f"{planted.kind:20} {planted.name:46} {planted.truth:7} {_percent(found.false):>7} {covered:>8} {power:>7}"


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


SIZES = ((5, 5, 1.0), (8, 8, 1.0), (20, 20, 1.0), (50, 50, 1.0), (8, 20, 1.0), (8, 20, 3.0))
"""Values of the first and the second group, and how many times as wide the noise of the first is."""


def _intervals(studies: int, seed: int) -> Iterator[str]:
    """How often an interval of a difference of means holds the truth: the findings', Welch's, and the bootstrap's BCa."""
    yield f"{'noise':8} {'values':>16} {'findings':>9} {'Welch':>8} {'BCa':>8}   ({studies} studies for each line)"
    for name, drawn in (("normal", normal), ("skewed", skewed)):
        for n, m, spread in SIZES:
            generator = np.random.default_rng(seed)
            hits = np.zeros(3)
            for study in range(studies):
                hits += _held(spread * drawn(generator, n), drawn(generator, m), study, generator)
            size = f"{n}, {m}" + (f", spread {spread:g}" if spread != 1 else "")
            ours, welch, theirs = (_percent(share) for share in hits / studies)
            yield f"{name:8} {size:>16} {ours:>9} {welch:>8} {theirs:>8}"


def _held(first: Floats, second: Floats, seed: int, generator: np.random.Generator) -> list[bool]:
    from scipy.stats import bootstrap

    theirs = bootstrap((first, second), _apart, n_resamples=999, method="BCa", rng=generator).confidence_interval
    known = difference(first, second, seed), contrast([first, second], [1.0, -1.0]), theirs
    return [one.low <= 0 <= one.high for one in known]


def _apart(first: Floats, second: Floats, axis: int = -1) -> Floats:
    return np.asarray(first.mean(axis) - second.mean(axis))
