"""Whether what is said of a study is true: bands, the best, ends and leads, where the truth is planted.

    python -m benchmarks answers [--studies 1000] [--seed 1] [--only TEXT]

For every situation of hpo.testing.answers: the share of random points of the space whose true mean lies in the 95 % band of the
model, the share of studies in which the interval of the best trial's setting holds its true mean (93 to 97 %), and, without any
effect, how often the best is said to lie at an end, and how often a parameter is said to lead (at most 5 %).
"""

import argparse

import numpy as np

from hpo.testing.answers import SITUATIONS, Answers, answers


def main(argv: list[str]) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks answers", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--studies", type=int, default=1000, help="for each situation")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="situations with this in their name")
    parser.add_argument("--no-leads", action="store_true", help="without importance, which takes the most time")
    options = parser.parse_args(argv)
    print(f"{options.studies} studies for each line\n")
    print(f"{'situation':58} {'band':>8} {'best':>8} {'ends':>8} {'leads':>8} {'silent':>8}")
    for kind in SITUATIONS:
        if options.only in kind.name:
            print(_line(answers(kind, options.studies, options.seed, leads=not options.no_leads)), flush=True)


def _line(found: Answers) -> str:
    shares = (found.surface, found.best, found.ends, found.leads, found.silent)
    return f"{found.situation.name:58} " + " ".join(f"{'-' if np.isnan(one) else f'{100 * one:.1f} %':>8}" for one in shares)
