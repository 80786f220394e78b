"""Contenders in turn, round by round, with the ratios taken pair by pair, so that a machine whose speed drifts stays fair."""

import json
import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import psutil


class Contender(NamedTuple):
    """A command, timed from start to end as a whole process."""

    command: Sequence[str]
    environment: Mapping[str, str] = {}
    share: float = 1.0
    """Part of the trials that it does, where all would take hours: the seconds that its trials took are divided by it."""
    results: Sequence[str] = ()
    """A command that prints its trials after it, where it does not do so itself; not timed."""


def script(name: str, folder: Path, share: float = 1.0, **environment: str) -> Contender:
    """One of the other contenders, given a folder with its work."""
    here = {"PYTHONPATH": os.pathsep.join([str(Path(__file__).parent.parent), os.environ.get("PYTHONPATH", "")])}
    return Contender([sys.executable, "-m", f"benchmarks.contenders.{name}", str(folder)], {**here, **environment}, share)


def ours(folder: Path, study: str, options: str) -> Contender:
    """`hpo study run` as a shell line, so that every round has a storage of its own."""
    place = folder / "ours"
    command = f"rm -rf {place}; mkdir {place}; exec hpo study run {study} --name ours {options} 1>&2"
    results = ["hpo", "study", "trials", "ours", "--format", "json"]
    return Contender(["sh", "-ec", command], {"HPO_STORAGE": f"sqlite:///{place}/hpo.db"}, results=results)


class Run(NamedTuple):
    """One run of a contender."""

    seconds: float
    """Wall time for the whole work."""
    megabytes: float
    """Highest proportional memory of its processes together."""
    output: str


def run(contender: Contender, folder: Path) -> Run:
    """Run a contender to its end in a folder. Raises CalledProcessError, with its output, when it fails."""
    environment = {**os.environ, **contender.environment}
    started = time.perf_counter()
    process = subprocess.Popen(
        contender.command, cwd=folder, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    watch = _Memory(process.pid)
    output, errors = process.communicate()
    seconds = time.perf_counter() - started
    if process.returncode != 0:
        print(errors)
        raise subprocess.CalledProcessError(process.returncode, list(contender.command), output, errors)
    if contender.results:
        output = subprocess.run(
            contender.results, cwd=folder, env=environment, text=True, stdout=subprocess.PIPE, check=True
        ).stdout
    if contender.share < 1:
        trials = json.loads(output)["seconds"]
        seconds += trials / contender.share - trials
    return Run(seconds, watch.stop(), output)


class _Memory:
    """Samples the proportional set sizes of a process and its descendants."""

    def __init__(self, pid: int) -> None:
        self._root, self._peak, self._done = psutil.Process(pid), 0.0, threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def stop(self) -> float:
        """The highest sum seen, in MB."""
        self._done.set()
        self._thread.join()
        return self._peak / 1e6

    def _watch(self) -> None:
        while not self._done.wait(0.5):
            total = 0
            try:
                for process in [self._root, *self._root.children(recursive=True)]:
                    total += process.memory_full_info().pss
            except psutil.Error:
                continue
            self._peak = max(self._peak, total)


def in_turn(contenders: Mapping[str, Contender], folder: Path, rounds: int) -> dict[str, list[Run]]:
    """Every contender once a round, in the same order."""
    runs: dict[str, list[Run]] = {name: [] for name in contenders}
    for number in range(rounds):
        for name, contender in contenders.items():
            runs[name].append(run(contender, folder))
            print(f"  round {number + 1}: {name} {runs[name][-1].seconds:.1f} s", flush=True)
    return runs


def spread(values: Sequence[float], form: str = ".2f") -> str:
    """Median, and the range where there are several."""
    median = format(statistics.median(values), form)
    return median if len(values) == 1 else f"{median} ({min(values):{form}}..{max(values):{form}}, n={len(values)})"


def ratios(runs: Mapping[str, Sequence[Run]], ours: str) -> dict[str, list[float]]:
    """Seconds of every contender over ours, round by round."""
    return {
        name: [other.seconds / own.seconds for other, own in zip(each, runs[ours], strict=True)]
        for name, each in runs.items()
        if name != ours
    }


def accuracies(run: Run) -> list[float]:
    """The validation accuracies that a contender printed, of those trials that have one."""
    answer = json.loads(run.output)
    if "accuracies" in answer:
        return [float(accuracy) for accuracy in answer["accuracies"]]
    return [trial["value"] for trial in answer["trials"] if trial["value"] is not None]
