"""What it takes to explain a study of 50 trials and one of 10,000, in seconds of the processor, with all libraries loaded.

The analysis alone, what a run leaves for the dashboard, the report among it; and images that are kept already.
"""

import argparse
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from hpo.analysis.reading import read
from hpo.analysis.summary import analyse
from hpo.data import prepare
from hpo.report import leave
from hpo.spec import DataSpec

from .compare import spread
from .machine import described
from .synthetic import filled

SIZES = (50, 10_000)


def main(argv: Sequence[str]) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks explaining", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args(argv).rounds
    print(described())
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for trials in SIZES:
            study = filled(f"sqlite:///{folder / f'{trials}.db'}", "one", trials).optuna
            print(f"{trials:,} trials: analysis {_seconds(lambda study=study: analyse(read(study)), rounds)} s")
            print(f"{trials:,} trials: left for the dashboard {_seconds(lambda study=study: leave(study, folder), rounds)} s")
    print(f"digits, kept: {_seconds(lambda: prepare(DataSpec(name='digits')), rounds, '.3f')} s")


def _seconds(work: Callable[[], object], rounds: int, form: str = ".1f") -> str:
    """Of this process, without the first time."""
    work()
    found = []
    for _ in range(rounds):
        began = time.process_time()
        work()
        found.append(time.process_time() - began)
    return spread(found, form)
