"""Whether findings can be trusted: claims put to studies in which the truth is known.

    python -m benchmarks findings [--studies 1000] [--seed 1] [--kind KIND] [--intervals]

For every scenario of hpo.testing.scenarios: how often a verdict was false (it should be at most 5 %), how often the 95 %
interval held the true effect (93 to 97 %), and the power. Then how often exploring finds anything in pure noise, and how often
one of ten false claims to one study gets a verdict. A short version runs among the tests.
"""

import argparse
from collections.abc import Iterator

import numpy as np

from hpo.analysis.table import Floats
from hpo.findings import KINDS
from hpo.findings.contrast import contrast, difference
from hpo.testing.planted import Calibration, calibrate, false_among_many, false_explorations
from hpo.testing.scenarios import SCENARIOS, normal, skewed


def main(argv: list[str]) -> None:
    """Print the table."""
    options = _options(argv)
    if options.intervals:
        for line in _intervals(options.studies, options.seed):
            print(line, flush=True)
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


SIZES = ((5, 5, 1.0), (8, 8, 1.0), (20, 20, 1.0), (50, 50, 1.0), (8, 20, 1.0), (8, 20, 3.0))
"""Values of the first and the second group, and how many times as wide the noise of the first is."""


def _intervals(studies: int, seed: int) -> Iterator[str]:
    """How often an interval of a difference of means holds the truth: the findings', Welch's, and the bootstrap's BCa."""
    yield f"{'noise':8} {'values':>16} {'findings':>9} {'Welch':>8} {'BCa':>8}   ({studies} studies for each line)"
    for name, noise in (("normal", normal), ("skewed", skewed)):
        for n, m, spread in SIZES:
            generator = np.random.default_rng(seed)
            hits = np.zeros(3)
            for study in range(studies):
                hits += _held(spread * noise(generator, n), noise(generator, m), study, generator)
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
