"""R3's search: 50 pairs of learning rate and L2 strength, 10,000 + 10,000 images of CIFAR-10, 10 epochs, no pruning.

Four contenders, in turn: a plain script, a careful one, PyTorch's own vmap recipe, and `hpo study run` through its command line,
storage included. Whole processes are timed, imports and all. The plain script is given a part of the pairs, since it takes one
after the other, and its time is scaled; everybody else does all of them.
"""

import argparse
import json
import math
import os
import statistics
import sys
import tempfile
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np

from hpo import catalog
from hpo.data import Prepared, prepare
from hpo.spec import StudySpec

from .compare import Contender, Run, in_turn, ratios, spread
from .machine import described, roofline

EPOCHS = 10


def main(argv: Sequence[str]) -> None:
    """Measure and print."""
    options = _options(argv)
    spec = catalog.builtin("cifar-bn")
    if options.data:
        spec = spec.model_copy(update={"data": spec.data.using(options.data)})
    prepared = prepare(spec.data, say=print)
    print(described())
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        pairs = _pairs(spec, options.pairs)
        _write(folder / "all", prepared, options.hidden, pairs)
        _write(folder / "part", prepared, options.hidden, pairs[: options.plain_pairs])
        _write_study(folder / "ours.toml", spec, options.hidden, pairs)
        runs = in_turn(_contenders(folder, options), folder, options.rounds)
    _report(runs, options)


def _options(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks pairs", description=__doc__)
    parser.add_argument("--pairs", type=int, default=50)
    parser.add_argument("--plain-pairs", type=int, default=2, help="pairs that the plain script does; 0 leaves it out")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--hidden", type=lambda text: [int(width) for width in text.split(",")], default=[50, 30])
    parser.add_argument("--data", help="another source of the images, such as a zip of CIFAR-10's")
    parser.add_argument("--without", nargs="*", default=[], help="contenders to leave out")
    return parser.parse_args(argv)


def _pairs(spec: StudySpec, count: int) -> list[tuple[float, float]]:
    random = np.random.default_rng(0)
    ranges = [np.log(spec.space[name].ends) for name in ("eta", "lambda")]
    return [(float(a), float(b)) for a, b in np.exp([[random.uniform(*ends) for ends in ranges] for _ in range(count)])]


def _write(folder: Path, prepared: Prepared, hidden: Sequence[int], pairs: Sequence[tuple[float, float]]) -> None:
    folder.mkdir()
    pixels, labels = np.load(prepared.images, mmap_mode="r"), np.load(prepared.labels)
    for name, index in (("train", prepared.train), ("validation", prepared.validation)):
        np.save(folder / f"{name}.npy", pixels[index])
        np.save(folder / f"{name}_labels.npy", labels[index])
    (folder / "work.json").write_text(json.dumps({"hidden": list(hidden), "pairs": list(pairs), "epochs": EPOCHS}))


def _write_study(path: Path, spec: StudySpec, hidden: Sequence[int], pairs: Sequence[tuple[float, float]]) -> None:
    """The built-in study without its pruning and with one stage of as many random pairs as the others are given."""
    from hpo.spec import StageSpec, dump

    model = spec.model.model_copy(update={"hidden": tuple(hidden)})
    search = spec.search.model_copy(update={"pruner": "none"})
    one = StageSpec(name="all", trials=len(pairs))
    changed = spec.model_copy(update={"model": model, "search": search, "stage": (one,), "finding": ()})
    path.write_text(dump(changed), encoding="utf-8")


def _contenders(folder: Path, options: argparse.Namespace) -> dict[str, Contender]:
    here = {"PYTHONPATH": os.pathsep.join([str(Path(__file__).parent.parent), os.environ.get("PYTHONPATH", "")])}

    def script(name: str, part: str) -> list[str]:
        return [sys.executable, "-m", f"benchmarks.contenders.{name}", str(folder / part)]

    share = options.plain_pairs / options.pairs
    found = {
        "plain, 0 loader workers": Contender(script("plain", "part"), {**here, "LOADER_WORKERS": "0"}, share),
        "plain, 2 loader workers": Contender(script("plain", "part"), {**here, "LOADER_WORKERS": "2"}, share),
        "careful": Contender(script("careful", "all"), here),
        "vmap": Contender(script("vmapped", "all"), here),
        "ours, float32": Contender(_ours(folder, "float32")),
        "ours, auto": Contender(_ours(folder, "auto")),
    }
    left_out = set(options.without) | ({"plain"} if options.plain_pairs == 0 else set())
    return {name: contender for name, contender in found.items() if name.split(",")[0] not in left_out}


def _ours(folder: Path, precision: str) -> list[str]:
    """A shell line, so that every round has a storage of its own."""
    command = f"hpo study run {folder}/ours.toml --name pairs --precision {precision}"
    show = "hpo study trials pairs --format json"
    storage = f"HPO_STORAGE=sqlite:///$(mktemp -d -p {folder})/hpo.db"
    return ["sh", "-ec", f"export {storage}; {command} 1>&2; {show}"]


def _report(runs: dict[str, list[Run]], options: argparse.Namespace) -> None:
    work = f"{options.pairs} pairs, hidden {options.hidden}, {EPOCHS} epochs"
    print(f"\n{work}; wall seconds of whole processes, median (range, n)")
    for name, each in runs.items():
        memory = max(run.megabytes for run in each)
        print(f"  {name:26} {spread([run.seconds for run in each], '.1f'):34} best {_best(each):.4f}  peak {memory:,.0f} MB")
    for ours in ("ours, float32", "ours, auto"):
        for name, each in ratios(runs, ours).items():
            if not name.startswith("ours"):
                print(f"  {name} / {ours}: {spread(each, '.1f')}")
        _roofline(runs[ours], ours, options)


def _best(runs: Sequence[Run]) -> float:
    """The best validation accuracy of a pair, the median over the rounds."""
    return statistics.median(max(_accuracies(run.output)) for run in runs)


def _accuracies(output: str) -> list[float]:
    answer = json.loads(output)
    if isinstance(answer, list):
        return [float(accuracy) for accuracy in answer]
    return [trial["value"] for trial in answer["trials"] if trial["value"] is not None]


def _roofline(runs: Sequence[Run], name: str, options: argparse.Namespace) -> None:
    widths = [3072, *options.hidden, 10]
    multiplied = sum(math.prod(pair) for pair in pairwise(widths))
    training = options.pairs * EPOCHS * 10_000 * 2 * (3 * multiplied - widths[0] * widths[1])
    validating = options.pairs * EPOCHS * 10_000 * 2 * multiplied
    best = roofline("float32" if "float32" in name else "bfloat16")
    seconds = statistics.median(run.seconds for run in runs)
    achieved = (training + validating) / seconds / 1e9
    print(
        f"  {name}: {achieved:.0f} GFLOP/s of a large product's {best.gigaflops:.0f} ({achieved / best.gigaflops:.0%});"
        f" a large add moves {best.gigabytes:.0f} GB/s"
    )
