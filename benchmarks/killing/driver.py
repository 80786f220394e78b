"""A driver that is made to be killed.

    python -m benchmarks.killing.driver URL STUDY WORKERS POINT OCCURRENCE

Carries a study on; WORKERS 0: in this process. POINT '-': to its end, when it prints the trial table's hash.
"""

import sys

from hpo.data import prepare
from hpo.engines.processes import Processes
from hpo.engines.serial import Serial
from hpo.runner import load, run, trial_table_hash
from hpo.runner.events import Event, RungStarted
from hpo.storage import connect
from hpo.testing.crashes import crash_at


def show(event: Event) -> None:
    """Tell that it is at work."""
    if isinstance(event, RungStarted):
        print("at work", flush=True)


def main() -> None:
    """Carry the study on."""
    url, name, workers, point, occurrence = sys.argv[1:]
    with Processes(int(workers)) if int(workers) else Serial() as engine:
        if point != "-":
            crash_at(point, int(occurrence))
        study = load(connect(url, "write"), name)
        run(study, prepare(study.spec.data), engine, display=show)
        print(trial_table_hash(study.optuna), flush=True)


if __name__ == "__main__":
    main()
