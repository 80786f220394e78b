"""Hard times for real runs: a full disk, too few files, too little memory, signals, closed pipes, damage in mid-run.

After each of them every trial is compared with what it was before, and at its end, reached by a run that nothing is done to, each
study with an undisturbed one. It must have said why it stopped, without a traceback, and with the right exit code.
"""

import argparse
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import closing, nullcontext
from pathlib import Path

from optuna.trial import FrozenTrial

from hpo.errors import NotFound
from hpo.runner import load
from hpo.storage import connect

from .killing.command import Done, hash_of, run, write_study
from .killing.ledger import kept
from .killing.troubles import RUN, TROUBLES, Trouble, small_disk
from .machine import described

TRIALS, COHORT = 16, 4


def main(argv: Sequence[str]) -> None:
    """Bring trouble and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks trouble", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=TROUBLES, default=list(TROUBLES), metavar="NAME", help=", ".join(TROUBLES))
    parser.add_argument("--share", type=float, default=1.0, help="of the usual number of times")
    parser.add_argument("--seed", type=int, default=0, help="of the moments and the limits")
    parser.add_argument("--minutes", type=float, default=30.0, help="begin no further one of a kind after so many")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(argv)
    if not options.inside and shutil.which("unshare"):
        # A file system of a few pages can be mounted by anyone in a namespace of their own.
        own = ["unshare", "--mount", *([] if os.geteuid() == 0 else ["--map-root-user"])]
        sys.exit(subprocess.call([*own, sys.executable, "-m", "benchmarks", "trouble", "--inside", *argv]))
    print(described(), flush=True)
    with tempfile.TemporaryDirectory() as name:
        expected = _undisturbed(Path(name))
    found = [_tried(name, options, expected) for name in options.only]
    sys.exit(any(found))


def _undisturbed(folder: Path) -> str:
    write_study(folder, TRIALS, COHORT)
    run(folder, *RUN)
    return hash_of(folder)


def _tried(name: str, options: argparse.Namespace, expected: str) -> int:
    """Print how one kind of trouble went; how much of it was wrong."""
    trouble, chance = TROUBLES[name], random.Random(f"{name} {options.seed}")
    times, until = max(1, round(options.share * trouble.times)), time.monotonic() + 60 * options.minutes
    if trouble.why_not:
        print(f"{name}: not tried, {trouble.why_not}")
        return 0
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        with small_disk(folder) if name == "full disk" else nullcontext():
            found = _Victim(folder, expected).struck(trouble, times, until, chance)
    print(found, name, flush=True)
    return found.wrong


class _Victim:
    """Studies, one after the other, that a kind of trouble comes upon."""

    def __init__(self, folder: Path, expected: str) -> None:
        self.folder = folder
        self.expected = expected
        self.codes = Counter[int]()
        self.studies = self.lost = self.doubled = self.unequal = self.tracebacks = self.silent = self.wrong_codes = 0
        self.before: list[FrozenTrial] = []

    def struck(self, trouble: Trouble, times: int, until: float, chance: random.Random) -> "_Victim":
        """So many times, or until that time, and then to the end."""
        write_study(self.folder, TRIALS, COHORT)
        for number in range(times):
            if time.monotonic() > until:
                break
            self._judge(trouble.strike(self.folder, chance, number), trouble)
            if trouble.spoils:
                self._begin_anew()
            elif self._look():
                self._end()
        if not trouble.spoils:
            self._end()
        return self

    def _judge(self, done: Done, trouble: Trouble) -> None:
        self.codes[done.code] += 1
        faults = ("Traceback" in done.said, done.code not in trouble.codes, done.code not in (0, 141) and not done.said.strip())
        self.tracebacks, self.wrong_codes, self.silent = (
            count + fault for count, fault in zip((self.tracebacks, self.wrong_codes, self.silent), faults, strict=True)
        )
        if any(faults):
            print(f"exit code {done.code}:\n{done.said}", file=sys.stderr)

    def _look(self) -> bool:
        """Compare all trials with those before; whether the study is complete."""
        trials = self._trials()
        there = {trial.number: trial for trial in trials}
        self.lost += sum(not kept(old, there.get(old.number)) for old in self.before)
        self.doubled += len(trials) - len(there) + max(0, len(trials) - TRIALS)
        self.before = trials
        return len(trials) == TRIALS and all(trial.state.is_finished() for trial in trials)

    def _trials(self) -> list[FrozenTrial]:
        try:
            database = connect(f"sqlite:///{self.folder}/hpo.db", "read")
            with closing(sqlite3.connect(self.folder / "hpo.db")) as connection:
                assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            trials = load(database, "study").trials()
        except NotFound:
            return []
        database.close()
        return trials

    def _end(self) -> None:
        """Let the study come to its end in peace, compare it, and begin anew."""
        done = run(self.folder, *RUN)
        self.studies += 1
        if done.code or hash_of(self.folder) != self.expected:
            self.unequal += 1
            print(f"at the end, exit code {done.code}:\n{done.said}", file=sys.stderr)
        self._begin_anew()

    def _begin_anew(self) -> None:
        """Clear the table for the next study."""
        for path in self.folder.iterdir():
            if path.name != "study.toml":
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        self.before = []

    @property
    def wrong(self) -> int:
        """All that must not be."""
        return self.lost + self.doubled + self.unequal + self.tracebacks + self.silent + self.wrong_codes

    def __str__(self) -> str:
        codes = ", ".join(f"{code} x {count}" for code, count in sorted(self.codes.items()))
        return (
            f"{self.codes.total()} times over {self.studies} studies of {TRIALS} trials (exit codes {codes}): lost {self.lost}, "
            f"doubled {self.doubled}, unequal {self.unequal}, tracebacks {self.tracebacks}, without a word {self.silent}, "
            f"wrong exit codes {self.wrong_codes}:"
        )
