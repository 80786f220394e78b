"""kill -9 of drivers, workers, their fork server and whole groups, until the studies are done all the same.

It strikes at random moments and at named points, sometimes one of two drivers that share a study.
Every study trains real networks on scikit-learn's digits. After each kill its storage is looked at, at its end its trial table
is compared with that of an uninterrupted run. With --folder a later call goes on where this one stopped.
"""

import argparse
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
from optuna.trial import FrozenTrial

from hpo.runner import create, load
from hpo.spec import StudySpec, parse
from hpo.storage import connect
from hpo.testing.crashes import CACHE_POINTS, POINTS

from .killing.command import staff
from .killing.ledger import End, Kill, Ledger, kept
from .machine import described

LONGEST_LIFE = 1.5
"""Seconds that a driver is left at work at most."""

SEARCHES: dict[str, dict[str, Any]] = {
    "random": {"pruner": "successive-halving"},
    "tpe": {"sampler": "tpe", "sampler_options": {"n_startup_trials": 4}, "pruner": "median", "replicates": 2},
    "grid": {"sampler": "grid"},
}
TRIALS = {"random": (16, 6), "tpe": (12, 4), "grid": (12, 6)}


def spec_of(name: str) -> StudySpec:
    """A study of a few seconds in two stages and several cohorts."""
    wide, narrow = TRIALS[name]
    eta: dict[str, Any] = {"option": "learning_rate", "low": 0.01, "high": 0.7, "log": True}
    if name == "grid":
        eta = {"option": "learning_rate", "values": [0.02, 0.05, 0.1, 0.2, 0.4, 0.6]}
    return parse({
        "title": f"A study to be killed, {name}",
        "data": {"name": "digits", "train": 1000, "validation": 500},
        "model": {"name": "mlp", "hidden": [50, 30]},
        "training": {"epochs": 18, "batch_size": 20},
        "space": {"eta": eta, "momentum": {"values": [0.0, 0.5, 0.9]} if name == "grid" else {"low": 0.0, "high": 0.9}},
        "search": SEARCHES[name],
        "stage": [{"name": "wide", "trials": wide}, {"name": "narrow", "trials": narrow, "narrow": {"keep": 3}}],
        "execution": {"groups": 2, "cohort": 4},
    })  # fmt: skip


def main(argv: Sequence[str]) -> None:
    """Kill and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks chaos", description=__doc__)
    parser.add_argument("--kills", type=int, default=200, help="in all, those of earlier calls with the same folder included")
    parser.add_argument("--minutes", type=float, default=30.0, help="begin no further study after so many")
    parser.add_argument("--folder", type=Path, help="of studies and results, to be gone on with")
    options = parser.parse_args(argv)
    print(described())
    with tempfile.TemporaryDirectory() as temporary:
        folder: Path = options.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        ledger, until = Ledger(folder / "ledger.jsonl"), time.monotonic() + 60 * options.minutes
        while len(ledger.kills) < options.kills and time.monotonic() < until:
            _Victim(folder, len(ledger.ends), ledger, options.kills).kill_until_done()
        print(ledger.summary())
        sys.exit(any(kill.lost or kill.doubled for kill in ledger.kills) or any(end.unequal for end in ledger.ends))


@dataclass
class _Victim:
    """One study, killed until it is done."""

    folder: Path
    number: int
    ledger: Ledger
    most: int
    """Kills, over all studies."""
    died: tuple[str, int, int] | None = None
    """Victim, lost and doubled of the last kill, as long as no driver is at work again."""
    before: list[FrozenTrial] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.kind = list(SEARCHES)[self.number % len(SEARCHES)]
        self.chance = random.Random(self.number)
        self.place = self.folder / "study"
        self.url = f"sqlite:///{self.place}/hpo.db"

    def kill_until_done(self) -> None:
        """Kill drivers until one of them gets to the end."""
        expected = self._undisturbed()
        shutil.rmtree(self.place, ignore_errors=True)
        self.place.mkdir()
        spec = spec_of(self.kind)
        create(connect(self.url, "create"), "study", spec).database.close()
        while (found := self._live()) is None:
            pass
        self.ledger.add(End(self.kind, spec.trials, found != expected))

    def _undisturbed(self) -> str:
        """The hash of the study without kills; kept."""
        kept = self.folder / f"{self.kind}.sha256"
        if not kept.exists():
            shutil.rmtree(self.place, ignore_errors=True)
            self.place.mkdir()
            create(connect(self.url, "create"), "study", spec_of(self.kind)).database.close()
            kept.write_text(self._drive("-", 1).communicate()[0].split()[-1])
        return kept.read_text()

    def _drive(self, point: str, workers: int) -> "subprocess.Popen[str]":
        arguments = [self.url, "study", str(workers), point, str(self.chance.randint(1, 3))]
        environment = {**os.environ, "HPO_CACHE_DIR": str(self.place / "cache")}
        return subprocess.Popen(
            [sys.executable, "-m", "benchmarks.killing.driver", *arguments],
            stdout=subprocess.PIPE, text=True, env=environment, process_group=0,
        )  # fmt: skip

    def _live(self) -> str | None:
        """The life of one driver, sometimes beside another one: the hash when one gets to its end, None when they are killed."""
        cached = (self.place / "cache").exists()
        point, workers = "-", self.chance.choice([0, 2])
        more = len(self.ledger.kills) < self.most
        if more and self.chance.random() < 0.4:
            point = self.chance.choice(list(POINTS if cached else {**POINTS, **CACHE_POINTS}))
        beside = self._drive("-", 2) if more and point == "-" and self.chance.random() < 0.3 else None
        began = time.monotonic()
        driver = self._drive(point, workers)
        assert driver.stdout is not None
        words, victim = driver.stdout.readline(), None
        if words == "at work\n":
            self._note(time.monotonic() - began)
            if point == "-" and more:
                victim = self._kill(driver)
        output = words + driver.communicate()[0]
        if beside is not None and (found := self._outlived(beside)) is not None:
            return found
        if driver.returncode == 0:
            self._note(None)
            return output.split()[-1]
        if driver.returncode != -signal.SIGKILL:
            raise RuntimeError(f"the driver ended with {driver.returncode}")
        self._note(None)  # Of the one before, if this one did not get to work.
        self._look("one of two drivers" if beside is not None and victim else victim or point)
        return None

    def _outlived(self, beside: "subprocess.Popen[str]") -> str | None:
        """Let the other driver go on alone, to its end or to its own kill: the hash at its end."""
        with suppress(subprocess.TimeoutExpired):
            beside.wait(self.chance.uniform(0, 4 * LONGEST_LIFE))
        if beside.poll() is None:
            os.killpg(beside.pid, signal.SIGKILL)
        output = beside.communicate()[0]
        if beside.returncode not in (0, -signal.SIGKILL):
            raise RuntimeError(f"the driver beside ended with {beside.returncode}")
        if beside.returncode:
            return None
        self._note(None)
        return output.split()[-1]

    def _kill(self, driver: "subprocess.Popen[str]") -> str:
        """Kill something, and at last the driver; what was killed last."""
        time.sleep(self.chance.uniform(0, LONGEST_LIFE))
        parent, workers = staff(driver.pid)
        victims = [
            "driver",
            "group",
            *(["worker"] if workers else []),
            *(["fork server", "stopped fork server"] if parent else []),
        ]
        victim = self.chance.choice(victims)
        if victim not in ("driver", "group"):
            struck = self.chance.choice(workers) if victim == "worker" else parent
            assert struck is not None
            with suppress(psutil.NoSuchProcess):
                struck.suspend() if victim.startswith("stopped") else struck.kill()
            self.ledger.add(Kill(victim, 0, 0, None))
            time.sleep(self.chance.uniform(0, LONGEST_LIFE))
            if workers and self.chance.random() < 0.5:  # A fork server is missed when there is a worker to be replaced.
                with suppress(psutil.NoSuchProcess):
                    self.chance.choice(workers).kill()
                time.sleep(self.chance.uniform(0, LONGEST_LIFE))
            victim = "driver"
        if driver.poll() is None:
            os.killpg(driver.pid, signal.SIGKILL) if victim == "group" else driver.kill()
        if parent is not None:  # One that is stopped does not see that its driver has gone.
            with suppress(psutil.NoSuchProcess):
                parent.resume()
        return victim

    def _look(self, victim: str) -> None:
        """How the study stands after a kill."""
        connection = sqlite3.connect(self.place / "hpo.db")
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        connection.close()
        database = connect(self.url, "read")
        study = load(database, "study")
        trials = study.trials()
        database.close()
        there = {trial.number: trial for trial in trials}
        lost = sum(not kept(old, there.get(old.number)) for old in self.before)
        doubled = max(0, len(trials) - study.spec.trials) + len(trials) - len(there)
        self.before, self.died = trials, (victim, lost, doubled)

    def _note(self, seconds: float | None) -> None:
        """Write the last kill down, now that it is known how long it took to recover from it."""
        if self.died is not None:
            self.ledger.add(Kill(*self.died, seconds))
            self.died = None
