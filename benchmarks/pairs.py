"""R3's search: 50 pairs of learning rate and L2 strength, 10,000 + 10,000 images of CIFAR-10, 10 epochs, no pruning.

Four contenders, in turn: a plain script, a careful one, PyTorch's own vmap recipe, and `hpo study run` through its command line,
storage included. Whole processes are timed, imports and all. The plain script is given a part of the pairs, since it takes one
after the other, and its time is scaled; everybody else does all of them.
"""

import argparse
import math
import statistics
import tempfile
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from hpo import catalog
from hpo.data import Prepared, prepare
from hpo.search import ask
from hpo.spec import StageSpec, StudySpec, dump
from hpo.training.capabilities import default_precision

from .compare import Contender, Run, accuracies, in_turn, ours, ratios, script, spread
from .contenders.work import Trial, write
from .machine import described, roofline

EPOCHS = 10
TRAINING = {"momentum": 0.9, "decay": 0.8, "std": 0.001, "centre": True}
"""What the built-in study says of training, for the others."""


def main(argv: Sequence[str]) -> None:
    """Measure and print."""
    options = _options(argv)
    spec = r3(options.data)
    prepared = prepare(spec.data, say=print)
    print(described())
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        study = study_of(spec, options.pairs, options.hidden)
        for part, count in (("all", options.pairs), ("part", options.plain_pairs)):
            write(folder / part, prepared, trials=trials(study)[:count], hidden=options.hidden, epochs=EPOCHS, **TRAINING)
        (folder / "ours.toml").write_text(dump(study), encoding="utf-8")
        runs = in_turn(_contenders(folder, options), folder, options.rounds)
    _report(runs, options, prepared)


def _options(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks pairs", description=__doc__)
    parser.add_argument("--pairs", type=int, default=50)
    parser.add_argument("--plain-pairs", type=int, default=2, help="pairs that the plain script does; 0 leaves it out")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--hidden", type=widths, default=[50, 30])
    parser.add_argument("--data", help="another source of the images, such as a zip of CIFAR-10's")
    parser.add_argument("--without", nargs="*", default=[], help="contenders to leave out")
    return parser.parse_args(argv)


def r3(source: str | None) -> StudySpec:
    """The built-in study, on another source of the images where there is one."""
    spec = catalog.builtin("cifar-bn")
    return spec.model_copy(update={"data": spec.data.using(source)}) if source else spec


def widths(text: str) -> list[int]:
    """'50,30' as the widths of hidden layers."""
    return [int(width) for width in text.split(",")]


def study_of(spec: StudySpec, pairs: int, hidden: Sequence[int]) -> StudySpec:
    """The built-in study without its pruning and with one stage of so many random pairs."""
    model = spec.model.model_copy(update={"hidden": tuple(hidden)})
    search = spec.search.model_copy(update={"pruner": "none"})
    one = StageSpec(name="all", trials=pairs)
    return spec.model_copy(update={"model": model, "search": search, "stage": (one,), "finding": ()})


def trials(study: StudySpec) -> list[Trial]:
    """The study's pairs, those that its own sampler draws, as the other contenders are given them."""
    points = ask(study, study.stage[0].name, {}, [], range(study.stage[0].trials))
    return [{**point, "batch": study.training.batch_size} for point in points]


def _contenders(folder: Path, options: argparse.Namespace) -> dict[str, Contender]:
    share = options.plain_pairs / options.pairs
    found = {
        "plain, 0 loader workers": script("plain", folder / "part", share, LOADER_WORKERS="0"),
        "plain, 2 loader workers": script("plain", folder / "part", share, LOADER_WORKERS="2"),
        "careful": script("careful", folder / "all"),
        "vmap": script("vmapped", folder / "all"),
        "ours, float32": ours(folder, "ours.toml", "--precision float32"),
        "ours, auto": ours(folder, "ours.toml", "--precision auto"),
    }
    left_out = set(options.without) | ({"plain"} if options.plain_pairs == 0 else set())
    return {name: contender for name, contender in found.items() if name.split(",")[0] not in left_out}


def _report(runs: dict[str, list[Run]], options: argparse.Namespace, prepared: Prepared) -> None:
    work = f"{options.pairs} pairs, hidden {options.hidden}, {EPOCHS} epochs"
    print(f"\n{work}; wall seconds of whole processes, median (range, n)")
    for name, each in runs.items():
        memory = max(run.megabytes for run in each)
        print(f"  {name:26} {spread([run.seconds for run in each], '.1f'):34} best {_best(each):.4f}  peak {memory:,.0f} MB")
    for one in ("ours, float32", "ours, auto"):
        for name, each in ratios(runs, one).items():
            if not name.startswith("ours"):
                print(f"  {name} / {one}: {spread(each, '.1f')}")
        _roofline(runs[one], one, options, prepared)


def _best(runs: Sequence[Run]) -> float:
    """The best validation accuracy of a pair, the median over the rounds."""
    return statistics.median(max(accuracies(run)) for run in runs)


def _roofline(runs: Sequence[Run], name: str, options: argparse.Namespace, prepared: Prepared) -> None:
    """Multiplications and additions of the products alone, forwards and backwards, over the wall time."""
    widths = [math.prod(prepared.shape), *options.hidden, len(prepared.classes)]
    multiplied = sum(math.prod(pair) for pair in pairwise(widths))
    training = len(prepared.train) * 2 * (3 * multiplied - widths[0] * widths[1])
    validating = len(prepared.validation) * 2 * multiplied
    achieved = options.pairs * EPOCHS * (training + validating) / statistics.median(run.seconds for run in runs) / 1e9
    precision = "float32" if "float32" in name else default_precision("cpu")
    best = roofline(precision)
    print(
        f"  {name}: {achieved:.0f} GFLOP/s of a large {precision} product's {best.gigaflops:.0f}"
        f" ({achieved / best.gigaflops:.0%}); a large add moves {best.gigabytes:.0f} GB/s"
    )
