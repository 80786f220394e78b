"""A driver that kills its own process group at a named point of the run.

    python crashing_driver.py URL STUDY WORKERS POINT OCCURRENCE [asynchronous | evidence]

WORKERS 0: in this process; HOST:PORT: on the Ray cluster there.
POINT '-': run to the end and print the hash of the trial table.
"""

import sys
from pathlib import Path

from gathering import batches

from hpo import runner
from hpo.engines import Engine, make
from hpo.engines.processes import Processes
from hpo.engines.serial import Serial
from hpo.runner.events import Event, RunStarted
from hpo.storage import connect
from hpo.testing.crashes import crash_at
from studies import images


def show(event: Event) -> None:
    """Tell the test that the work begins."""
    if isinstance(event, RunStarted):
        print("begun", flush=True)


def engine_of(workers: str, work: str) -> Engine:
    """The engine for so many workers, or at an address."""
    if ":" in workers:
        return make("ray", work=work, address=workers)
    return Processes(int(workers), work) if int(workers) else Serial(work)


def carry_on(url: str, name: str, workers: str, point: str, occurrence: str, *mode: str) -> None:
    """Run a study, up to the point."""
    with engine_of(workers, "fake_training:run") as engine:
        if point != "-":
            crash_at(point, int(occurrence))
        study = runner.load(connect(url, "write"), name)
        gathering = batches if mode == ("evidence",) else None
        runner.run(study, images(), engine, display=show, asynchronous=mode == ("asynchronous",), gathering=gathering)
        print(runner.trial_table_hash(study.optuna))


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent))
    carry_on(*sys.argv[1:])
