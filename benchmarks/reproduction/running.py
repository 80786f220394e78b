"""Running the built-in studies, each with a storage of its own, so that a finished one is never run again."""

import json
import os
import resource
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from hpo.runner import StoredStudy, load
from hpo.settling import claims
from hpo.settling.claims import table_of
from hpo.storage import connect

from ..compare import Contender, run

SMALLER: dict[str, tuple[str, ...]] = {
    "mnist-cnn-momentum": ("training.seconds=10", "stage.search.trials=48"),
}
"""Changes to studies that take more than half an hour as the report ran them; --full leaves them out."""

TESTED: dict[str, tuple[int | None, ...]] = {
    "cifar-linear": (None,),
    "cifar-cyclic": (0, 1),
    "cifar-lambda": (None,),
    "cifar-bn": (None,),
    "mnist-cnn": (None,),
}
"""Studies whose report printed a figure of the test images: which trials are tested, None for the best."""


class Cost(NamedTuple):
    """What a study took."""

    seconds: float
    """Wall time of its runs, imports and all."""
    processor: float
    """Processor time of all its processes: half of it is what two free cores would take at the least."""
    megabytes: float
    """Highest proportional memory of its processes together."""
    whole: bool = True
    """False when a run was cut off, whose time nobody took: the study took more than this."""


def complete(name: str, folder: Path, changes: Sequence[str], evidence: str | None = None) -> StoredStudy:
    """Run a study to its end, or go on with it, test what the report tested, and settle what claims are open.

    `evidence`: the time for the last, as `hpo study settle --time` takes it; None: no evidence but what the run itself trains.
    """
    place = folder / name
    place.mkdir(parents=True, exist_ok=True)
    settings = [word for change in changes for word in ("--set", change)]
    if not is_complete(name, folder):
        _command(place, "run", name, *settings)
    for trial in TESTED.get(name, ()):
        _command(place, "test", name, *(() if trial is None else ("--trial", str(trial))), keep=False)
    if evidence is not None and _can_be_settled(stored(name, folder)):
        _command(place, "settle", name, "--time", evidence)
    return stored(name, folder)


def _can_be_settled(study: StoredStudy) -> bool:
    """Whether there is a claim without a verdict that evidence can serve."""
    now = study.now()
    return any(claim.open and not isinstance(claim.need, str) for claim in claims(now, table_of(now)))


def is_complete(name: str, folder: Path) -> bool:
    """Whether a study lacks no trials."""
    return (folder / name / "hpo.db").exists() and stored(name, folder).missing() == 0


def stored(name: str, folder: Path) -> StoredStudy:
    """The study of a name in the folder."""
    return load(connect(_address(folder / name), "read"), name)


def cost(name: str, folder: Path) -> Cost:
    """What a study has taken so far."""
    ledger = _ledger(folder / name)
    return Cost(*json.loads(ledger.read_text(encoding="utf-8"))) if ledger.exists() else Cost(0.0, 0.0, 0.0)


def _ledger(place: Path) -> Path:
    return place / "cost.json"


def _command(place: Path, verb: str, *words: str, keep: bool = True) -> None:
    hpo = [sys.executable, "-c", "import sys; from hpo.cli.entry import main; sys.exit(main())"]
    print(f"hpo study {verb} {' '.join(words)}", file=sys.stderr, flush=True)
    spent, before = cost(place.name, place.parent), _processor()
    if keep:  # As if it were cut off, until it has come to its end.
        _ledger(place).write_text(json.dumps(spent._replace(whole=False)), encoding="utf-8")
    took = run(Contender([*hpo, "study", verb, *words], {"HPO_STORAGE": _address(place)}), Path.cwd())
    print(f"  {took.seconds:.0f} s, {took.megabytes:,.0f} MB", file=sys.stderr, flush=True)
    if keep:
        processor = spent.processor + _processor() - before
        total = Cost(spent.seconds + took.seconds, processor, max(spent.megabytes, took.megabytes), spent.whole)
        _ledger(place).write_text(json.dumps(total), encoding="utf-8")


def _processor() -> float:
    """Processor seconds of all processes that this one has waited for, and of theirs."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _address(place: Path) -> str:
    return f"sqlite:///{place.resolve()}{os.sep}hpo.db"
