"""R5's random search over a convolutional network: 12 configurations, 2 epochs of MNIST or Fashion-MNIST, no pruning.

The plain script, the careful one, and `hpo study run` through its command line, storage included. Whole processes are timed,
and all are given the same configurations: those that the study's own sampler draws.
"""

import argparse
import statistics
import tempfile
from collections.abc import Sequence
from pathlib import Path

from hpo import catalog
from hpo.data import prepare
from hpo.search import ask
from hpo.spec import DataSpec, StageSpec, StudySpec, dump

from .compare import Contender, accuracies, in_turn, ours, ratios, script, spread
from .contenders.work import Trial, write
from .machine import described

EPOCHS = 2


def main(argv: Sequence[str]) -> None:
    """Measure and print."""
    options = _options(argv)
    spec = catalog.builtin("mnist-cnn")
    data = spec.data.using(options.data).model_copy(update={"train": options.images, "validation": min(options.images, 10_000)})
    prepared = prepare(data, say=print)
    print(described())
    with tempfile.TemporaryDirectory() as name:
        folder, study = Path(name), _study(spec, data, options.configurations)
        trials = _trials(study)
        write(folder / "all", prepared, trials=trials, epochs=EPOCHS)
        (folder / "ours.toml").write_text(dump(study), encoding="utf-8")
        runs = in_turn(_contenders(folder, options.without), folder, options.rounds)
    print(f"\n{len(trials)} configurations, {EPOCHS} epochs of {options.images} images; seconds, median (range, n)")
    for name, each in runs.items():
        best = statistics.median(max(accuracies(run)) for run in each)
        print(f"  {name:26} {spread([run.seconds for run in each], '.1f'):34} best {best:.4f}")
    for one in (name for name in runs if name.startswith("ours")):
        for name, each in ratios(runs, one).items():
            if not name.startswith("ours"):
                print(f"  {name} / {one}: {spread(each, '.1f')}")


def _options(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks cnn", description=__doc__)
    parser.add_argument("--configurations", type=int, default=12)
    parser.add_argument("--images", type=int, default=10_000, help="that each epoch trains on")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--data", default="mnist")
    parser.add_argument("--without", nargs="*", default=[], help="contenders to leave out")
    return parser.parse_args(argv)


def _study(spec: StudySpec, data: DataSpec, configurations: int) -> StudySpec:
    """The built-in study without its pruning, cut to so many configurations and two epochs."""
    search = spec.search.model_copy(update={"pruner": "none"})
    training = spec.training.model_copy(update={"epochs": EPOCHS})
    one = StageSpec(name="all", trials=configurations)
    update = {"data": data, "search": search, "training": training, "stage": (one,), "finding": ()}
    return spec.model_copy(update=update)


def _trials(study: StudySpec) -> list[Trial]:
    names = {"learning_rate": "eta", "batch_size": "batch"}
    points = ask(study, "all", {}, [], range(study.stage[0].trials))
    return [{"lambda": 0.0} | {names.get(name, name): value for name, value in point.items()} for point in points]


def _contenders(folder: Path, without: Sequence[str]) -> dict[str, Contender]:
    found = {
        "plain, 0 loader workers": script("plain", folder / "all", LOADER_WORKERS="0"),
        "plain, 2 loader workers": script("plain", folder / "all", LOADER_WORKERS="2"),
        "careful": script("careful", folder / "all"),
        "ours, float32": ours(folder, "ours.toml", "--precision float32"),
        "ours, auto": ours(folder, "ours.toml", "--precision auto"),
    }
    return {name: contender for name, contender in found.items() if name.split(",")[0] not in without}
