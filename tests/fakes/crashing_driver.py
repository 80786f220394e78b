"""A driver that kills its own process group at a named point of the run.

    python crashing_driver.py URL STUDY WORKERS POINT OCCURRENCE

POINT '-': run to the end and print the hash of the trial table.
"""

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hpo import runner
from hpo.engines.processes import Processes
from hpo.engines.serial import Serial
from hpo.runner import asking, checkpoints, running, telling
from hpo.runner.checkpoints import Checkpoints
from hpo.runner.events import Event, RunStarted
from hpo.storage import Database, connect
from studies import images

POINTS: dict[str, tuple[Any, str, str]] = {
    "before the first question": (running, "open_cohort", "before"),
    "after the answer, before the cohort is stored": (asking, "ask", "after"),
    "within the cohort's transaction": (Database, "_get_prepared_new_trial", "after"),
    "after the cohort is stored": (running, "open_cohort", "after"),
    "before a job": (Serial, "run", "before"),
    "within a checkpoint": (checkpoints.os, "fsync", "before"),
    "between two checkpoints of a job": (checkpoints, "write_whole", "after"),
    "after the checkpoints of a job": (Checkpoints, "write", "after"),
    "after the decisions, before the report": (running, "judged", "after"),
    "within the report": (Database, "set_trial_intermediate_value", "after"),
    "between report and tell": (telling, "_end", "before"),
    "after the last tell, before the commit": (telling, "_end", "after"),
    "after the report": (running, "tell", "after"),
    "after tidying": (Checkpoints, "forget", "after"),
}
"""Where to find the function that marks the point, and on which side of it."""


def crash_at(point: str, occurrence: int) -> None:
    """Arrange for the crash."""
    owner, name, side = POINTS[point]
    original: Callable[..., Any] = getattr(owner, name)
    calls = 0

    def marked(*args: Any, **options: Any) -> Any:
        nonlocal calls
        calls += 1
        if side == "before" and calls == occurrence:
            os.killpg(0, signal.SIGKILL)
        result = original(*args, **options)
        if side == "after" and calls == occurrence:
            os.killpg(0, signal.SIGKILL)
        return result

    setattr(owner, name, marked)


def show(event: Event) -> None:
    """Tell the test that the work begins."""
    if isinstance(event, RunStarted):
        print("begun", flush=True)


def main() -> None:
    """Carry the study on, up to the point."""
    url, name, workers, point, occurrence = sys.argv[1:]
    work = "fake_training:run"
    with Processes(int(workers), work) if int(workers) else Serial(work) as engine:
        if point != "-":
            crash_at(point, int(occurrence))
        study = runner.load(connect(url, "write"), name)
        runner.run(study, images(), engine, display=show)
        print(runner.trial_table_hash(study.optuna))


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent))
    main()
