"""All that `hpo check network` looks at: the networks of a study's space, and what the study will take."""

from collections.abc import Callable, Iterator, Sequence

import torch

from ..data import Prepared
from ..spec import StudySpec
from ..training.job import Lane
from .estimate import estimate
from .images import Images, Precision, some
from .lanes import Bench, not_in_doubles, varied
from .points import labelled, middle, setter
from .results import Check, NetworkReport
from .start import IMAGES, at_point

OVERFITTED = 0.99
MOST_STEPS = 500
"""In which 100 images must be learnt by heart, all of them in every step."""


def check(spec: StudySpec, data: Prepared, workers: int, say: Callable[[str], None] = lambda line: None) -> NetworkReport:
    """All checks of a study, and what it takes; `say` is told of each part before it begins.

    Raises UsageError when the factory cannot be used.
    """
    points = labelled(spec)
    images = some(data, spec.seed, min(IMAGES, len(data.train)), torch.float64)
    checks: list[Check] = []
    for number, (at, point) in enumerate(points):
        say(f"network {number + 1} of {len(points)}")
        checks += at_point(spec.seed, data, images, Lane(number, 0, point.model, point.training), at)
    checks.append(_penalty(spec, data, images))
    say(f"overfitting {len(images.y)} images")
    checks.append(_overfit(spec, data, images))
    say("timing a few steps")
    return NetworkReport(tuple(checks), estimate(spec, data, workers), tuple(_notes(spec, data, images)))


def _penalty(spec: StudySpec, data: Prepared, images: Images) -> Check:
    """The cost with the largest lambda of the first box against that without."""
    name = setter(spec, ("training", "l2"))
    point = middle(spec, {name: 1.0} if name else None)
    l2 = point.training.l2 or 0.01
    lane = Lane(0, 0, point.model, point.training)
    lanes = [varied(lane, batch=len(images.y), l2=each) for each in (0.0, l2)]
    if not_in_doubles(spec.seed, data, lane):
        images = images.in_precision("float32")
    without, cost = Bench(spec.seed, data, lanes, images.precision).step(*images, [0.0, 0.0])[0].tolist()
    return Check("lambda raises the cost", cost > without, f"{without:.4g} to {cost:.4g} with lambda {l2:.3g}", cost - without)


def _overfit(spec: StudySpec, data: Prepared, images: Images) -> Check:
    """Learn few images by heart, without a penalty, at three learning rates of the box at once."""
    rates = _rates(spec)
    point = middle(spec)
    lane = varied(Lane(0, 0, point.model, point.training), batch=len(images.y), model={"dropout": 0.0}, l2=0.0)
    precision: Precision = "float64" if spec.execution.precision == "float64" else "float32"
    bench = Bench(spec.seed, data, [varied(lane, learning_rate=rate) for rate in rates], precision)
    x, y = images.in_precision(precision)
    best, steps = 0.0, -1
    while best < OVERFITTED and steps < MOST_STEPS:
        steps, correct = steps + 1, bench.step(x, y, rates)[1]
        best = max(best, float(correct.max()) / len(y))
    found = f"{100 * best:.0f} % of {len(y)} images after {steps} steps without a penalty, learning rates {_list(rates)}"
    return Check("overfits", best >= OVERFITTED, found, best)


def _rates(spec: StudySpec) -> list[float]:
    """The middle of the learning rates' box, its upper end, and between; or the one that the study has."""
    name = setter(spec, ("training", "learning_rate"))
    shares = (0.5, 0.75, 1.0) if name else (0.5,)
    return list(dict.fromkeys(middle(spec, {name: share} if name else None).training.learning_rate for share in shares))


def _list(numbers: Sequence[float]) -> str:
    return ", ".join(f"{number:.3g}" for number in numbers)


def _notes(spec: StudySpec, data: Prepared, images: Images) -> Iterator[str]:
    values = middle(spec).values.items()
    centre = (f"{name} {value:.4g}" if isinstance(value, float) else f"{name} {value}" for name, value in values)
    yield f"on {len(images.y)} of the {len(data.train):,} training images, in the middle of the space: {', '.join(centre)}"
    yield from data.notes
