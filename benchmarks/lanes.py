"""Milliseconds per lane-step for 1 to 256 lanes of R3's network, one thread, and where the rule for the group size stands.

A lane-step is one minibatch of 100 images through one network, forwards and backwards, with its share of the validation after
the epoch. The numbers of lanes are taken in turn, round by round.
"""

import argparse
import statistics
import time
from collections.abc import Sequence

from hpo.data import Prepared, prepare
from hpo.spec import StudySpec
from hpo.training import Job, Lane, run
from hpo.training.grouping import default_lanes

from .machine import described
from .pairs import r3, widths

LANES = (1, 2, 4, 8, 12, 16, 32, 64, 128, 256)


def main(argv: Sequence[str]) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks lanes", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--hidden", type=widths, default=[50, 30])
    parser.add_argument("--precision", nargs="*", default=["float32", "bfloat16"])
    parser.add_argument("--data", help="another source of the images, such as a zip of CIFAR-10's")
    options = parser.parse_args(argv)
    spec = r3(options.data)
    spec = spec.model_copy(update={"model": spec.model.model_copy(update={"hidden": tuple(options.hidden)})})
    data = prepare(spec.data, say=print)
    rule = default_lanes(spec.model, spec.training, data.shape, len(data.classes), "cpu")
    print(described())
    for precision in options.precision:
        measured: dict[int, list[float]] = {lanes: [] for lanes in sorted({*LANES, rule})}
        for _ in range(options.rounds):
            for lanes, times in measured.items():
                times.append(_milliseconds(spec, data, lanes, precision))
        _report(measured, rule, precision)


def _milliseconds(spec: StudySpec, data: Prepared, lanes: int, precision: str) -> float:
    """Wall time per lane-step of one epoch, without building the networks and loading the images."""
    points = [{"eta": 0.05 + 1e-4 * number, "lambda": 1e-4} for number in range(lanes)]
    group = tuple(Lane(number, 0, *spec.settings(point)) for number, point in enumerate(points))
    moments: list[float] = []
    job = Job(0, data, group, 0, 2, precision=precision)  # type: ignore[arg-type]
    steps: list[int] = []
    run(job, lambda progress: (moments.append(time.perf_counter()), steps.append(progress.lane_steps), None)[-1])
    return (moments[1] - moments[0]) / steps[1] * 1e3


def _report(measured: dict[int, list[float]], rule: int, precision: str) -> None:
    medians = {lanes: statistics.median(times) for lanes, times in measured.items()}
    best = min(medians.values())
    print(f"\n{precision}: ms per lane-step, median (range, n={len(measured[rule])}), over the best")
    for lanes, times in measured.items():
        mark = "  <- the rule" if lanes == rule else ""
        print(f"  {lanes:4} lanes  {medians[lanes]:.3f} ({min(times):.3f}..{max(times):.3f})  x{medians[lanes] / best:.2f}{mark}")
