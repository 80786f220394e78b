"""Does a network start where it can learn? Looked at before any trial, at points of the study's space."""

import math
from collections.abc import Callable, Iterator, Sequence

import torch
from torch import Tensor

from ..data import Prepared
from ..spec import StudySpec
from ..training.job import Lane
from ..training.schedules import learning_rate
from .estimate import estimate
from .flow import flow
from .images import Images, some
from .labels import ahead_of_batch_norm, labels
from .lanes import Bench, plain, set_masks, varied
from .points import labelled, middle, setter
from .results import Check, NetworkReport

IMAGES = 100
"""As many as DD2424's exercise sheet has overfitted."""

STEPS = 10
"""First steps in which the cost must fall."""

LEAST_LOSS, MOST_LOSS = 0.8, 2.0
"""Of a first loss, as shares of ln(classes). Scores of unit variance, as He's weights give them on standardised inputs, come to
about 1.4; a network that is sure of itself before it has seen anything is above 2."""

SILENT = 0.9
"""Share of a layer's units that may never fire. Up to half of them is usual where inputs are not centred."""

FADED, BLOWN = 1e-3, 1e3
"""Share of the gradient that reaches the first layer, at the least and at the most. Batch norm of small activations amplifies."""

NOTHING = 1e-12
"""Share of the largest gradient from which a parameter's own is taken for rounding."""

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


def at_point(seed: int, data: Prepared, images: Images, lane: Lane, at: str = "", steps: int = STEPS) -> Iterator[Check]:
    """The checks of one network at its initial weights, the longest last. Raises UsageError when its factory cannot be used."""
    training, lane = lane.training, varied(lane, batch=len(images.y))
    bench = Bench(seed, data, [lane])
    masks = bench.masks().draw(images.x)
    yield from _batch(training.batch_size, len(data.train), at)
    losses, _, gradients = bench.stacked.network.step(*_shared(images), masks)
    yield _first_loss(float(losses[0]), len(data.classes), at)
    network = plain(seed, lane, data.shape, len(data.classes))
    set_masks(network, masks, 0)
    yield _gradients(gradients, ahead_of_batch_norm(network), labels(network), at)
    seen = flow(network, images)
    yield from _units(seen.silent, at)
    if not math.isnan(seen.reach):
        good = FADED <= seen.reach <= BLOWN
        found = f"{seen.reach:.2g} of the last layer's gradient reaches the first"
        yield Check("gradient's way back", good, found, seen.reach, at)
    rates = [learning_rate(training, step, training.steps_per_epoch(len(data.train))) for step in range(steps + 1)]
    yield _falls(Bench(seed, data, [varied(lane, model={"dropout": 0.0})]), images, rates, at)


def _shared(images: Images) -> tuple[Tensor, Tensor]:
    return images.x, images.y


def _first_loss(loss: float, classes: int, at: str) -> Check:
    expected = math.log(classes)
    good = LEAST_LOSS * expected <= loss <= MOST_LOSS * expected
    return Check("first loss", good, f"{loss:.4g}, ln({classes}) is {expected:.4g}", loss, at)


def _gradients(gradients: dict[str, Tensor], exempt: set[str], label: dict[str, str], at: str) -> Check:
    sizes = {name: float(gradient.abs().max()) for name, gradient in gradients.items()}
    least = NOTHING * max(size for size in sizes.values())
    without = [label[name] for name in label if name not in exempt and not sizes[name] > least]
    found = f"none for {', '.join(without)}" if without else f"all {len(sizes) - len(exempt)} parameters"
    if exempt:
        found += f"; not asked of {', '.join(label[name] for name in sorted(exempt))}, which batch norm takes away"
    return Check("gradients", not without, found, float(len(without)), at)


def _units(silent: dict[str, float], at: str) -> Iterator[Check]:
    if silent:
        shares = [round(100 * share) for share in silent.values()]
        good = all(share <= SILENT for share in silent.values())
        found = f"{', '.join(f'{share}' for share in shares)} % of the units never fire, layer by layer"
        yield Check("ReLU units", good, found, max(silent.values()), at)


def _falls(bench: Bench, images: Images, rates: Sequence[float], at: str) -> Check:
    """Steps of training on one minibatch, at the learning rates that training begins with."""
    costs = [float(bench.step(*_shared(images), [rate])[0]) for rate in rates]
    found = f"{costs[0]:.4g} to {costs[-1]:.4g} in {len(rates) - 1} steps, learning rate {max(rates):.3g}"
    return Check("cost falls", costs[-1] < costs[0], found, costs[-1] - costs[0], at)


def _penalty(spec: StudySpec, data: Prepared, images: Images) -> Check:
    """The cost with the largest lambda of the first box against that without."""
    name = setter(spec, ("training", "l2"))
    point = middle(spec, **({name: 1.0} if name else {}))
    l2 = point.training.l2 or 0.01
    lane = Lane(0, 0, point.model, point.training)
    lanes = [varied(lane, batch=len(images.y), l2=each) for each in (0.0, l2)]
    without, cost = Bench(spec.seed, data, lanes).step(*_shared(images), [0.0, 0.0])[0].tolist()
    return Check("lambda raises the cost", cost > without, f"{without:.4g} to {cost:.4g} with lambda {l2:.3g}", cost - without)


def _batch(batch: int, images: int, at: str) -> Iterator[Check]:
    """A batch that is larger than the data: training goes on with all of it, one step an epoch."""
    if batch > images:
        found = f"batches of {batch}, but only {images} training images: an epoch is one step"
        yield Check("batch", False, found, float(batch), at)


def _overfit(spec: StudySpec, data: Prepared, images: Images) -> Check:
    """Learn few images by heart, without a penalty, at three learning rates of the box at once."""
    rates = _rates(spec)
    point = middle(spec)
    lane = varied(Lane(0, 0, point.model, point.training), batch=len(images.y), model={"dropout": 0.0}, l2=0.0)
    bench = Bench(spec.seed, data, [varied(lane, learning_rate=rate) for rate in rates], "float32")
    x, y = images.x.float(), images.y
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
    return list(dict.fromkeys(middle(spec, **({name: share} if name else {})).training.learning_rate for share in shares))


def _list(numbers: Sequence[float]) -> str:
    return ", ".join(f"{number:.3g}" for number in numbers)


def _notes(spec: StudySpec, data: Prepared, images: Images) -> Iterator[str]:
    values = middle(spec).values.items()
    centre = (f"{name} {value:.4g}" if isinstance(value, float) else f"{name} {value}" for name, value in values)
    yield f"on {len(images.y)} of the {len(data.train):,} training images, in the middle of the space: {', '.join(centre)}"
    yield from data.notes
