"""Does a network start where it can learn? One network at its initial weights, on few images."""

import math
from collections.abc import Iterator, Sequence

from torch import Tensor

from ..data import Prepared
from ..training.job import Lane
from ..training.schedules import learning_rate
from .flow import flow
from .images import Images
from .labels import ahead_of_batch_norm, labels
from .lanes import Bench, not_in_doubles, plain, set_masks, varied
from .results import Check

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


def at_point(seed: int, data: Prepared, images: Images, lane: Lane, at: str = "", steps: int = STEPS) -> Iterator[Check]:
    """The checks of one network at its initial weights, the longest last: in float64, or in float32 where it cannot do that.

    Raises UsageError when its factory cannot be used.
    """
    training, lane = lane.training, varied(lane, batch=len(images.y))
    if not_in_doubles(seed, data, lane):
        images = images.in_precision("float32")
    bench = Bench(seed, data, [lane], images.precision)
    masks = bench.masks().draw(images.x)
    yield from _batch(training.batch_size, len(data.train), at)
    losses, _, gradients = bench.stacked.network.step(*images, masks)
    yield _first_loss(float(losses[0]), data, at)
    network = plain(seed, lane, data.shape, len(data.classes), images.x.dtype)
    set_masks(network, masks, 0)
    yield _gradients(gradients, ahead_of_batch_norm(network), labels(network), at)
    seen = flow(network, images)
    yield from _units(seen.silent, at)
    if not math.isnan(seen.reach):
        good = FADED <= seen.reach <= BLOWN
        found = f"{seen.reach:.2g} of the last layer's gradient reaches the first"
        yield Check("gradient's way back", good, found, seen.reach, at)
    rates = [learning_rate(training, step, training.steps_per_epoch(len(data.train))) for step in range(steps + 1)]
    yield _falls(Bench(seed, data, [varied(lane, model={"dropout": 0.0})], images.precision), images, rates, at)


def _first_loss(loss: float, data: Prepared, at: str) -> Check:
    classes = len(data.classes)
    expected = math.log(classes)
    # Where most images are of one class, a network that happens to favour it starts below.
    least = 0.0 if data.guess is not None and data.guess.unbalanced else LEAST_LOSS * expected
    good = least <= loss <= MOST_LOSS * expected
    return Check("first loss", good, f"{loss:.4g}, ln({classes}) is {expected:.4g}", loss, at)


def _gradients(gradients: dict[str, Tensor], exempt: set[str], label: dict[str, str], at: str) -> Check:
    sizes = {name: float(gradient.abs().max()) for name, gradient in gradients.items()}
    least = NOTHING * max(size for size in sizes.values())
    without = [label[name] for name in label if name in sizes and name not in exempt and not sizes[name] > least]
    exempt = exempt & sizes.keys()
    found = f"none for {', '.join(without)}" if without else f"all {len(sizes) - len(exempt)} parameters"
    if exempt:
        found += f"; not asked of {', '.join(label[name] for name in sorted(exempt))}, which batch norm takes away"
    if frozen := [label[name] for name in label if name not in sizes]:
        found += f"; not asked of {', '.join(frozen)}, frozen by requires_grad"
    return Check("gradients", not without, found, float(len(without)), at)


def _units(silent: dict[str, float], at: str) -> Iterator[Check]:
    if silent:
        shares = [round(100 * share) for share in silent.values()]
        good = all(share <= SILENT for share in silent.values())
        found = f"{', '.join(f'{share}' for share in shares)} % of the units never fire, layer by layer"
        yield Check("ReLU units", good, found, max(silent.values()), at)


def _falls(bench: Bench, images: Images, rates: Sequence[float], at: str) -> Check:
    """Steps of training on one minibatch, at the learning rates that training begins with."""
    costs = [float(bench.step(*images, [rate])[0]) for rate in rates]
    found = f"{costs[0]:.4g} to {costs[-1]:.4g} in {len(rates) - 1} steps, learning rate {max(rates):.3g}"
    return Check("cost falls", costs[-1] < costs[0], found, costs[-1] - costs[0], at)


def _batch(batch: int, images: int, at: str) -> Iterator[Check]:
    """A batch that is larger than the data: training goes on with all of it, one step an epoch."""
    if batch > images:
        found = f"batches of {batch}, but only {images} training images: an epoch is one step"
        yield Check("batch", False, found, float(batch), at)
