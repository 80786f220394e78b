"""Whether findings can be trusted: claims put to studies in which the truth is known.

    python -m benchmarks findings [--studies 1000] [--seed 1] [--kind KIND] [--intervals]

For every scenario of hpo.testing.scenarios: how often a verdict was false (it should be at most 5 %), how often the 95 %
interval held the true effect (93 to 97 %), and the power. Then how often exploring finds anything in pure noise, and how often
one of ten false claims to one study gets a verdict. A short version runs among the tests.
"""

import argparse
from collections.abc import Iterator

import numpy as np

from hpo.findings import KINDS
from hpo.findings.contrast import difference
from hpo.testing.planted import Calibration, calibrate, false_among_many, false_explorations
from hpo.testing.scenarios import SCENARIOS, normal, skewed


def main(argv: list[str]) -> None:
    """Print the table."""
    options = _options(argv)
    if options.intervals:
        print("\n".join(_intervals(options.studies, options.seed)))
        return
    print(f"{options.studies} studies for each line\n")
    print(f"{'kind':20} {'scenario':46} {'truth':7} {'false':>7} {'covered':>8} {'power':>7}")
    for planted in SCENARIOS:
        if options.kind in (None, planted.kind):
            print(_line(calibrate(planted, options.studies, options.seed)), flush=True)
    if options.kind is None:
        explored, claimed = (rate(options.studies, options.seed) for rate in (false_explorations, false_among_many))
        print(f"\nexploring 40 trials of pure noise: a finding in {_percent(explored)} of the studies")
        print(f"ten false claims to 40 trials of pure noise: a verdict in {_percent(claimed)} of the studies")


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


def _intervals(studies: int, seed: int) -> Iterator[str]:
    """How often the interval of a difference of means holds the truth, and how often the bootstrap's BCa interval does."""
    from scipy.stats import bootstrap

    yield f"{'noise':8} {'values':>8} {'permutation':>12} {'BCa':>8}   ({studies} studies for each line)"
    for name, noise in (("normal", normal), ("skewed", skewed)):
        for n in (5, 8, 20, 50):
            generator = np.random.default_rng(seed)
            hits = np.zeros(2)
            for study in range(studies):
                groups = noise(generator, n), noise(generator, n)
                ours = difference(*groups, study)
                theirs = bootstrap(groups, _apart, n_resamples=999, method="BCa", rng=generator).confidence_interval
                hits += [ours.low <= 0 <= ours.high, theirs.low <= 0 <= theirs.high]
            yield f"{name:8} {n:8} {_percent(hits[0] / studies):>12} {_percent(hits[1] / studies):>8}"


def _apart(first: "np.ndarray", second: "np.ndarray", axis: int = -1) -> "np.ndarray":  # type: ignore[type-arg]  # as SciPy calls it
    return np.asarray(first.mean(axis) - second.mean(axis))
