"""Whether what is said of a study is true: bands, the best, ends and leads, where the truth is planted.

    python -m benchmarks answers [--studies 1000] [--seed 1] [--only TEXT]

For every situation of hpo.testing.answers: the share of random points of the space whose true mean lies in the 95 % band of the
model, and the share of studies in which the interval of the best trial's setting holds its true mean (93 to 97 %). Then what is
lost to the true best setting: by the luckiest trial, by the one recommended after the search, and after evidence of a quarter of
it; how often the interval of its value holds the truth, how many of the safe ranges are safe, how many of the shares' intervals
hold the true share. Without any effect: how often the best is said to lie at an end, and a parameter to matter most (at
most 5 %).
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
    options = parser.parse_args(argv)
    print(f"{options.studies} studies for each line\n")
    print(f"{'situation':58} " + " ".join(f"{name:>8}" for name in Answers._fields[1:]))
    for kind in SITUATIONS:
        if options.only in kind.name:
            print(_line(answers(kind, options.studies, options.seed)), flush=True)


def _line(found: Answers) -> str:
    return f"{found.situation.name:58} " + " ".join(_told(name, getattr(found, name)) for name in Answers._fields[1:])


def _told(name: str, value: float) -> str:
    if np.isnan(value):
        return f"{'-':>8}"
    return f"{value:8.3f}" if name in LOST else f"{100 * value:6.1f} %"


LOST = ("luckiest", "searched", "recommended")
"""In the units of the objective."""
