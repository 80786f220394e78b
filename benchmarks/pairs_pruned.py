"""R3's search to its end, with successive halving, against a plain script that trains its 50 pairs whole.

Each round is another seed: the built-in study with its pruning and without, through the command line, and the plain script on a
part of the pairs, its time scaled. What pruning costs in accuracy is the difference between the two studies' best, by seed.
"""

import argparse
import math
import statistics
import tempfile
from collections.abc import Sequence
from pathlib import Path

from hpo.data import prepare
from hpo.spec import dump

from .compare import Run, accuracies, ours, ratios, run, script, spread
from .contenders.work import write
from .machine import described
from .pairs import EPOCHS, TRAINING, r3, study_of, trials

PAIRS = 50


def main(argv: Sequence[str]) -> None:
    """Measure and print."""
    options = _options(argv)
    spec = r3(options.data)
    prepared = prepare(spec.data, say=print)
    print(described())
    runs: dict[str, list[Run]] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        some = trials(study_of(spec, PAIRS, [50, 30]))[: options.plain_pairs]
        write(folder / "part", prepared, trials=some, hidden=[50, 30], epochs=EPOCHS, **TRAINING)
        (folder / "ours.toml").write_text(dump(spec), encoding="utf-8")
        share, environment = options.plain_pairs / PAIRS, {"LOADER_WORKERS": str(options.loader_workers)}
        for seed in range(options.seeds):
            contenders = {
                "plain": script("plain", folder / "part", share, **environment),
                "whole": ours(folder, "ours.toml", f"--seed {seed} --set search.pruner=none"),
                "pruned": ours(folder, "ours.toml", f"--seed {seed}"),
            }
            for name, contender in contenders.items():
                runs.setdefault(name, []).append(run(contender, folder))
                print(f"  seed {seed}: {name} {runs[name][-1].seconds:.1f} s", flush=True)
    _report(runs, len(prepared.validation))


def _options(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks pairs-pruned", description=__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--plain-pairs", type=int, default=1, help="pairs that the plain script does")
    parser.add_argument("--loader-workers", type=int, default=0, help="of the plain script; `pairs` tells which is quicker")
    parser.add_argument("--data", help="another source of the images, such as a zip of CIFAR-10's")
    return parser.parse_args(argv)


def _report(runs: dict[str, list[Run]], images: int) -> None:
    print(f"\nR3's search, {PAIRS} pairs; wall seconds of whole processes, median (range, n)")
    for name, each in runs.items():
        print(f"  {name:7} {spread([run.seconds for run in each], '.1f')}")
    for name, each in ratios(runs, "pruned").items():
        print(f"  {name} / pruned: {spread(each, '.1f')}")
    best = {name: [max(accuracies(run)) for run in runs[name]] for name in ("whole", "pruned")}
    print("  best accuracy: " + ", ".join(f"{name} {spread(each, '.4f')}" for name, each in best.items()))
    differences = [pruned - whole for whole, pruned in zip(best["whole"], best["pruned"], strict=True)]
    accuracy = statistics.mean(best["whole"])
    error = math.sqrt(accuracy * (1 - accuracy) / images)
    print(f"  pruned less whole, by seed: {spread(differences, '+.4f')}; one standard error of an accuracy is {error:.4f}")
