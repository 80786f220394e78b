"""R3's pairs on a GPU: 64 to 512 networks trained together, beside a plain script and a careful one on the same device.

Both scripts are given a few of the pairs, one after the other, and their time is scaled; ours does all of them in one job.
"""

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path

import torch

from hpo.data import Prepared, prepare
from hpo.spec import StudySpec, dump

from .compare import Contender, accuracies, in_turn, ours, ratios, script, spread
from .contenders.work import write
from .machine import described
from .pairs import EPOCHS, TRAINING, r3, study_of, trials, widths


def main(argv: Sequence[str]) -> None:
    """Measure and print."""
    options = _options(argv)
    if options.device == "cuda" and not torch.cuda.is_available():
        raise SystemExit("the benchmark `gpu` needs a CUDA device, and there is none here; --device cpu runs it all the same")
    spec = r3(options.data)
    prepared = prepare(spec.data, say=print)
    print(described(), torch.cuda.get_device_name() if options.device == "cuda" else options.device, sep="\n")
    for hidden in options.hidden:
        for lanes in options.lanes:
            print(f"\n{lanes} lanes, hidden {hidden}, {EPOCHS} epochs; seconds, median (range, n)")
            _compare(study_of(spec, lanes, hidden), prepared, hidden, options)


def _options(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks gpu", description=__doc__)
    parser.add_argument("--device", choices=("cuda", "cpu"), default="cuda")
    parser.add_argument("--lanes", type=int, nargs="+", default=[64, 128, 256, 512])
    parser.add_argument("--hidden", type=widths, nargs="+", default=[[50, 30], [512, 512, 512]])
    parser.add_argument("--scaled-pairs", type=int, default=2, help="pairs that the two scripts do")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--data", help="another source of the images, such as a zip of CIFAR-10's")
    return parser.parse_args(argv)


def _compare(study: StudySpec, prepared: Prepared, hidden: Sequence[int], options: argparse.Namespace) -> None:
    lanes = study.stage[0].trials
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        part = trials(study)[: options.scaled_pairs]
        write(folder / "part", prepared, trials=part, hidden=hidden, epochs=EPOCHS, **TRAINING)
        (folder / "ours.toml").write_text(dump(study), encoding="utf-8")
        runs = in_turn(_contenders(folder, lanes, len(part) / lanes, options.device), folder, options.rounds)
    for contender, each in runs.items():
        best = f"best {max(max(accuracies(run)) for run in each):.4f}"
        print(f"  {contender:8} {spread([run.seconds for run in each], '.1f'):34} {best}")
    for contender, each in ratios(runs, "ours").items():
        print(f"  {contender} / ours: {spread(each, '.1f')}")


def _contenders(folder: Path, lanes: int, share: float, device: str) -> dict[str, Contender]:
    one_job = f"--device {device} --lanes {lanes} --set execution.groups=1 --set execution.cohort={lanes} --workers 1"
    return {
        "plain": script("plain", folder / "part", share, LOADER_WORKERS="0", DEVICE=device),
        "careful": script("careful", folder / "part", share, DEVICE=device),
        "ours": ours(folder, "ours.toml", one_job),
    }
