"""Many drivers on one study in one SQLite file, all begun at once before there is a study, with optuna-dashboard reading on.

First, pairs of commands that make the same study at the same moment; then the many. Every driver is the real `hpo study run
--trials N`, the dashboard the stock one; its trial table is compared with that of one driver.
"""

import argparse
import json
import re
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from shutil import rmtree

from hpo.runner import load
from hpo.storage import connect

from .killing.command import Done, begin, end, hash_of, run, write_study
from .machine import described

RUN = ("study", "run", "study.toml", "--engine", "serial")
NOT_BEFORE = ("locked", "Traceback", "already")
"""Words that no driver may say."""


def main(argv: Sequence[str]) -> None:
    """Share and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks sharing", description=__doc__)
    parser.add_argument("--drivers", type=int, default=8)
    parser.add_argument("--trials", type=int, default=100, help="of each driver")
    parser.add_argument("--pairs", type=int, default=10, help="of first runs at once, and twice as many of creations")
    options = parser.parse_args(argv)
    print(described())
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        wrong = _pairs(folder, options.pairs) + _many(folder, options.drivers, options.trials)
    sys.exit(bool(wrong))


def _pairs(folder: Path, pairs: int) -> int:
    """Two commands at once where there is nothing yet, so many times; how often it went wrong."""
    write_study(folder, 8, 4)
    run(folder, *RUN)
    expected, wrong = hash_of(folder), Counter[str]()
    for _ in range(pairs):
        _clear(folder)
        done = _at_once(folder, [RUN, RUN])
        wrong["runs"] += any(each.code for each in done) or hash_of(folder) != expected
    for _ in range(2 * pairs):
        _clear(folder)
        first, second = sorted(_at_once(folder, [("study", "create", "study.toml")] * 2))
        right = (first.code, second.code) == (0, 2) and "there is a study 'study' in sqlite:///hpo.db already" in second.said
        wrong["creations"] += not right
    _clear(folder)
    print(f"two first runs at once {pairs} times: {wrong['runs']} went wrong")
    print(f"two creations at once {2 * pairs} times: {wrong['creations']} went wrong")
    return wrong.total()


def _clear(folder: Path) -> None:
    (folder / "hpo.db").unlink(missing_ok=True)
    rmtree(folder / "hpo.files", ignore_errors=True)


def _at_once(folder: Path, lines: Sequence[Sequence[str]]) -> list[Done]:
    return [end(process) for process in [begin(folder, *line) for line in lines]]


def _many(folder: Path, drivers: int, trials: int) -> int:
    """So many drivers on one study; how many things are not as they should be."""
    write_study(folder, drivers * trials, 10)
    run(folder, *RUN, "--storage", "sqlite:///whole.db")
    expected = hash_of(folder, storage="sqlite:///whole.db")
    began = time.monotonic()
    processes = [begin(folder, *RUN, "--trials", str(trials)) for _ in range(drivers)]
    while not (folder / "hpo.db").exists():
        time.sleep(0.05)
    with _dashboard(folder) as answers:
        done = [end(process) for process in processes]
    seconds = time.monotonic() - began
    study = load(connect(f"sqlite:///{folder}/hpo.db", "read"), "study")
    numbers = [trial.number for trial in study.trials() if trial.state.is_finished()]
    study.database.close()
    with closing(sqlite3.connect(folder / "hpo.db")) as connection:
        sound = connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    lost, doubled = drivers * trials - len(set(numbers)), len(numbers) - len(set(numbers))
    said = Counter({word: sum(word in each.said for each in done) for word in NOT_BEFORE})
    unequal, failed = hash_of(folder) != expected, sum(each.code != 0 for each in done)
    told = sum(int(count) for each in done for count in re.findall(r"^(\d+) trials? in ", each.said, re.MULTILINE))
    print(f"{drivers} drivers x {trials} trials on one SQLite file: {len(numbers)} ended, {told} told, in {seconds:.0f} s")
    print(f"lost {lost}, doubled {doubled}, unequal {unequal:d}, drivers that failed {failed}, database sound: {sound}")
    print("drivers that said " + ", ".join(f"'{word}': {count}" for word, count in said.items()))
    print(f"optuna-dashboard: {answers[200]} answers, {answers.total() - answers[200]} errors")
    for each in done:
        if each.code or any(word in each.said for word in NOT_BEFORE):
            print(each.said, file=sys.stderr)
    return lost + doubled + unequal + failed + said.total() + (not sound) + answers.total() - answers[200]


@contextmanager
def _dashboard(folder: Path) -> Iterator[Counter[int]]:
    """Stock optuna-dashboard beside the drivers, asked for all trials again and again: its answers by HTTP status."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    start = [sys.executable, "-c", "from optuna_dashboard._cli import main; main()"]
    command = [*start, "--host", "127.0.0.1", "--port", str(port), "sqlite:///hpo.db"]
    answers, over = Counter[int](), threading.Event()
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    reader = threading.Thread(target=_ask, args=(f"http://127.0.0.1:{port}/api/studies", answers, over))
    reader.start()
    try:
        yield answers
    finally:
        over.set()
        reader.join()
        process.kill()
        process.wait()


def _ask(address: str, answers: Counter[int], over: threading.Event) -> None:
    up = False
    while not over.is_set():
        try:
            with urllib.request.urlopen(address, timeout=60) as answer:
                (study,) = json.load(answer)["study_summaries"]
            answers[answer.status] += 1
            with urllib.request.urlopen(f"{address}/{study['study_id']}?after=0", timeout=60) as answer:
                answer.read()
            answers[answer.status] += 1
            up = True
        except urllib.error.HTTPError as error:
            answers[error.code] += 1
        except OSError:
            answers[0] += up  # Before its first answer it is not up yet.
        time.sleep(0.1)
