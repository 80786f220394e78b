"""How long a reading command takes, against the bare Optuna script that reads the same.

`hpo --help` alone; `hpo study list` and `hpo study show` on a storage whose study has 10,000 trials, each beside its script.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from hpo.cli.study.answered import keep
from hpo.report import explain

from .compare import spread
from .machine import described
from .synthetic import filled

NAMES = "import optuna, sys; print(*optuna.get_all_study_names(sys.argv[1]), sep='\\n')"
TRIALS = """
import optuna, sys
study = optuna.load_study(study_name='big', storage=sys.argv[1])
print(len(study.trials), study.best_trial.params, study.user_attrs.keys())
"""


def main(argv: Sequence[str]) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks start", description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--trials", type=int, default=10_000)
    options = parser.parse_args(argv)
    print(described())
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'hpo.db'}"
        study = filled(url, "big", options.trials)
        keep(study, explain(study.optuna).answer)  # As `hpo study run` ends.
        _one("hpo --help", ["hpo", "--help"], options.rounds)
        _two("hpo study list", ["hpo", "study", "list", "--storage", url], NAMES, url, options.rounds)
        _two("hpo study show", ["hpo", "study", "show", "big", "--storage", url], TRIALS, url, options.rounds)


def _seconds(command: Sequence[str]) -> float:
    started = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - started


def _one(name: str, command: Sequence[str], rounds: int) -> None:
    _seconds(command)
    print(f"{name}: {spread([_seconds(command) for _ in range(rounds)])} s")


def _two(name: str, command: Sequence[str], script: str, url: str, rounds: int) -> None:
    bare = [sys.executable, "-c", script, url]
    _seconds(command), _seconds(bare)
    pairs = [(_seconds(command), _seconds(bare)) for _ in range(rounds)]
    ratio = spread([ours / theirs for ours, theirs in pairs])
    median = statistics.median(theirs for _, theirs in pairs)
    print(f"{name}: {spread([ours for ours, _ in pairs])} s, bare Optuna {median:.2f} s, ratio {ratio}")
