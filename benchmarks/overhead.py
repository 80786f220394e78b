"""What is not training: the share of a run's wall time, and what a trial costs the driver when there are many already.

The share is measured on R3's 50 pairs: the time for which the engine had no job under way on some worker, over the whole, from
the first cohort asked to the last trial told. The cost of a trial is measured with an engine that makes its results up.
"""

import argparse
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Self

from hpo import engines
from hpo.data import prepare
from hpo.engines import Engine, JobFailure
from hpo.engines.base import OnProgress
from hpo.runner import create, load, run
from hpo.storage import connect
from hpo.training.job import Job, JobResult

from .compare import spread
from .machine import cores, described
from .synthetic import MadeUp, filled, images, study_of


class Timed:
    """Another engine, whose workers' training seconds are added up."""

    def __init__(self, engine: Engine) -> None:
        self._engine, self.seconds, self.waited = engine, 0.0, 0.0
        """waited: from the first jobs handed over until one of them began, while the workers import PyTorch."""

    def run(self, jobs: Sequence[Job], on_progress: OnProgress) -> Iterator[tuple[int, JobResult | JobFailure]]:
        """See hpo.engines.Engine."""
        asked, first = time.perf_counter(), not self.seconds
        for index, result in self._engine.run(jobs, on_progress):
            assert isinstance(result, JobResult)
            if first:
                self.waited, first = time.perf_counter() - result.seconds - asked, False
            self.seconds += result.seconds
            yield index, result

    def __enter__(self) -> Self:
        self._engine.__enter__()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._engine.__exit__(*exc_info)


def main(argv: Sequence[str]) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks overhead", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--data", help="another source of the images, such as a zip of CIFAR-10's")
    options = parser.parse_args(argv)
    print(described())
    with tempfile.TemporaryDirectory() as folder:
        shares = [_share(Path(folder) / f"{number}.db", options.data) for number in range(options.rounds)]
        whole, waiting = ([100 * each for each in kind] for kind in zip(*shares, strict=True))
        print(f"50 pairs, {cores()} workers: {spread(whole, '.1f')} % of the time is not training,")
        print(f"  {spread(waiting, '.1f')} % of the time is the wait for workers that start")
        few, many = (_costs(Path(folder), trials, options.rounds) for trials in (100, 10_000))
        print(f"a trial costs {spread(few, '.1f')} ms beside 100 others and {spread(many, '.1f')} ms beside 10,000")
        print(f"ratio {spread([after / before for before, after in zip(few, many, strict=True)])}")


def _share(path: Path, source: str | None) -> tuple[float, float]:
    """The parts of the time in which nobody trains, and in which nobody trains yet."""
    spec = study_of(50)
    with Timed(engines.make("processes", cores())) as engine:  # First, as in the command line.
        data = prepare(spec.data.using(source) if source else spec.data, say=print)
        stored = create(connect(f"sqlite:///{path}", "create"), "pairs", spec)
        summary = run(stored, data, engine)
    return 1 - engine.seconds / cores() / summary.seconds, engine.waited / summary.seconds


def _costs(folder: Path, there: int, rounds: int) -> list[float]:
    """Milliseconds for each of 50 trials more in a study that has so many, on a copy of its storage every round."""
    kept = folder / f"{there}.db"
    filled(f"sqlite:///{kept}", "many", there).database.close()
    return [_cost(Path(shutil.copy(kept, folder / f"{there}-{number}.db"))) for number in range(rounds)]


def _cost(file: Path) -> float:
    stored = load(connect(f"sqlite:///{file}", "write"), "many")
    run(stored, images(), MadeUp(), trials=1)  # Which reads what is there, once.
    started = time.perf_counter()
    summary = run(stored, images(), MadeUp(), trials=50)
    return (time.perf_counter() - started) / summary.told * 1e3
