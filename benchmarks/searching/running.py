"""Every contender on every task and seed; what is done lies in a folder, so that the same command goes on."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from . import ours, stock
from .record import Search
from .tasks import Function, Task

Results = Mapping[str, Sequence[Search]]
"""By contender, the searches by seed."""

NETWORKS_ONLY = ("Optuna, no check", "hpo, coarse to fine", "hpo, both")
CONTENDERS: Mapping[str, Any] = {**ours.KINDS, **stock.KINDS}


def contenders(task: Task) -> tuple[str, ...]:
    """On the test function nothing diverges, and narrowing is looked at by itself."""
    return tuple(name for name in CONTENDERS if name not in NETWORKS_ONLY or not isinstance(task, Function))


def results(task: Task, seeds: Sequence[int], folder: Path) -> dict[str, list[Search]]:
    """The searches of all contenders, those done before read from the folder."""
    found: dict[str, list[Search]] = {}
    for seed, name in _work(task, seeds):
        found.setdefault(name, []).append(_kept(task, name, seed, folder))
    return found


def _work(task: Task, seeds: Sequence[int]) -> Iterator[tuple[int, str]]:
    """In turn, so that a machine whose speed drifts stays fair."""
    yield from ((seed, name) for seed in seeds for name in contenders(task))


def _kept(task: Task, name: str, seed: int, folder: Path) -> Search:
    path = folder / f"{task.name} {name} {seed}.json"
    if not path.exists():
        done = _search(task, name, seed)
        print(f"  {task.name}, seed {seed}: {name} {done.seconds:.1f} s", flush=True)
        path.write_text(json.dumps(done.tree()), encoding="utf-8")
    return Search.read(json.loads(path.read_text(encoding="utf-8")))


def _search(task: Task, name: str, seed: int) -> Search:
    kind = CONTENDERS[name]
    done = ours.search(task, kind, seed) if isinstance(kind, ours.Kind) else stock.search(task, kind, seed)
    best = done.best(task.budget)
    return done if best is None else replace(done, truth=task.truth(best.point, seed))
