"""Sizes that no machine holds: of a network, of what its study keeps, and of the time that all of it would take.

The limits are far above anything that is of use, so that only slips of the pen meet them. Each fault carries the estimate.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from itertools import pairwise
from math import prod
from typing import TYPE_CHECKING, Any, NamedTuple

from ..space import Parameter
from .budget import BUDGETS, MOST_EPOCHS
from .lost import Lost
from .model import CnnSpec, FactorySpec, MlpSpec
from .options import Path, resolve

if TYPE_CHECKING:
    from .study import StudySpec
    from .training import TrainingSpec

MEMORY = 10**12
"""Bytes of one network, at the most."""
DATABASE = 10**11
"""Bytes of a stage's trials, at the most."""
VALUES = 1_000_000
"""Of one parameter on a grid, at the most."""
YEARS = 10_000
"""Of one processor, for a stage, at the most."""

COPIES = 3 * 4
"""Bytes of memory to a parameter: it, its gradient and its momentum, in float32."""
A_TRIAL, AN_EPOCH = 5_000, 150
"""Bytes in the database, of a trial, and of an epoch of each of its networks: eight metrics in decimals."""
A_STEP = 1e-5
"""Seconds of a step of the smallest network among many, on a fast processor."""
A_YEAR = 365.25 * 86_400

HUGE = 10**60
"""Larger numbers count as this, so that products of them are still numbers."""


def size_faults(spec: "StudySpec", lost: Lost) -> Iterator[str]:
    """Every size of a study that no machine holds, each with its key and the estimate."""
    if lost.under(("space",)) or any(place[:1] == ("space",) for place in lost.places):
        return
    if not lost.has("model") and not lost.has("data"):
        yield from _network_faults(spec)
    if not lost.has("search", "replicates") and not lost.has("training") and not lost.has("stage") and not lost.has("data"):
        yield from _grid_faults(spec)
        for place, stage in enumerate(spec.stage):
            yield from stage_faults(spec, stage.name, _trials(spec, stage.trials), f"stage.{place}.trials")


def _network_faults(spec: "StudySpec") -> Iterator[str]:
    def held(values: Mapping[str, Any]) -> int:
        return COPIES * _parameters(spec.settings(values)[0], spec.data.input_shape())

    worst = _worst(spec, "model", held)
    needed = held(worst)
    if needed > MEMORY:
        alone = [name for name, value in worst.items() if held({name: value}) > MEMORY]
        keys = "model" if held({}) > MEMORY or not worst else ", ".join(f"space.{name}" for name in alone or worst)
        yield (
            f"{keys}: a network of {_short(needed // COPIES)} parameters takes {_bytes(needed)} of memory with its gradients and"
            f" momenta, more than any machine has: at most {_bytes(MEMORY)}, make it smaller"
        )


def _parameters(model: Any, shape: tuple[int, int, int] | None) -> int:
    """Weights of a built-in network for two classes; what a factory makes, nobody knows before it is called."""
    if shape is None or isinstance(model, FactorySpec):
        return 0
    inputs = prod(shape)
    if isinstance(model, MlpSpec):
        return sum(before * after for before, after in pairwise([inputs, *model.hidden, 2]))
    if isinstance(model, CnnSpec):
        blocks = min(model.blocks, 64)  # Of more, none fits into any image, which is told elsewhere.
        side = max(1, min(shape[1:]) >> blocks)
        filters = model.filter_size**2 * model.filters * (shape[0] + (blocks - 1) * model.filters)
        return filters + side**2 * model.filters * model.dense + 2 * model.dense
    return 2 * inputs


class _Work(NamedTuple):
    """Of one network."""

    epochs: int
    seconds: float


def stage_faults(spec: "StudySpec", stage: str, trials: int, key: str) -> Iterator[str]:
    """Whether so many trials of a stage are more than can be kept, or trained in any time; `key`: what says how many they are."""
    worst = _worst(spec, "training", lambda values: _work(spec, spec.settings(values, stage)[1]).seconds)
    work, trials, replicates = _work(spec, spec.settings(worst, stage)[1]), min(trials, HUGE), min(spec.search.replicates, HUGE)
    kept = trials * (A_TRIAL + replicates * work.epochs * AN_EPOCH)
    years = trials * replicates * work.seconds / A_YEAR
    if kept > DATABASE or years > YEARS:
        epochs = next((f"space.{name}" for name in worst if _path(spec, name)[-1] in BUDGETS), "training.epochs")
        shares = {key: trials / 10_000, "search.replicates": replicates / 100, epochs: work.epochs / 1_000}
        yield (
            f"{max(shares, key=lambda name: shares[name])}: {_short(trials)} trials with {_networks(replicates)} each, of"
            f" {_short(work.epochs)} epochs, take {_bytes(kept)} in the database and {_short(years)} years of one processor or"
            f" more: at most {_bytes(DATABASE)} and {YEARS:,} years, lower it"
        )


def _networks(count: int) -> str:
    return "1 network" if count == 1 else f"{_short(count)} networks"


def _work(spec: "StudySpec", training: "TrainingSpec") -> _Work:
    if training.seconds is not None:
        return _Work(min(MOST_EPOCHS, round(100 * min(training.seconds, HUGE)) + 1), min(training.seconds, HUGE))
    try:
        steps = training.total_steps(training.steps_per_epoch(spec.data.train))
        epochs = training.total_epochs(spec.data.train)
    except OverflowError:  # Of cycles, which may be any number.
        epochs = steps = HUGE
    return _Work(min(epochs, HUGE), min(steps, HUGE) * A_STEP)


def _worst(spec: "StudySpec", section: str, size: Callable[[Mapping[str, Any]], float]) -> dict[str, Any]:
    """The value of each parameter that sets something of a section for which a size is largest."""
    found = {name: [(size({name: value}), value) for value in values] for name, values in _extremes(spec, section)}
    return {name: max(sized, key=lambda each: each[0])[1] for name, sized in found.items() if sized}


def _extremes(spec: "StudySpec", section: str) -> Iterator[tuple[str, list[Any]]]:
    """The parameters of a section, each with those of its extreme values that its option takes; `rules` tells of the others."""
    for name, parameter in spec.space.items():
        with suppress(ValueError):
            if _path(spec, name)[0] == section:
                yield name, [value for value in parameter.choices or parameter.ends if _taken(spec, name, value)]


def _path(spec: "StudySpec", name: str) -> Path:
    return resolve(spec.space[name].option or name, spec.model, spec.training)


def _taken(spec: "StudySpec", name: str, value: Any) -> bool:
    try:
        spec.settings({name: value})
    except ValueError:
        return False
    return True


def _trials(spec: "StudySpec", trials: int) -> int:
    """A grid has no more than its points."""
    return min(trials, prod(map(_points, spec.space.values()))) if spec.search.sampler == "grid" else trials


def _points(parameter: Parameter) -> int:
    """Values of a parameter on a grid; a range that does not name them is a fault of its own."""
    found = parameter.grid()
    if isinstance(found, range):  # Which may be longer than len() can say.
        return (found.stop - found.start - 1) // found.step + 1
    return HUGE if found is None else len(found)


def _grid_faults(spec: "StudySpec") -> Iterator[str]:
    for name, parameter in spec.space.items():
        count = _points(parameter)
        if spec.search.sampler == "grid" and VALUES < count < HUGE:
            yield f"space.{name}: a grid of {_short(count)} values: at most {VALUES:,}, give a step or values = [...]"


def _short(number: float) -> str:
    if 1_000 <= number < 10**6:
        return f"{number:,.0f}"
    return f"{float(number):.3g}" if number < 1_000 else f"{float(number):.2g}"


def _bytes(number: float) -> str:
    power = 3 if number < 10**12 else 4
    return f"{_short(number / 1_000**power)} {'GB' if power == 3 else 'TB'}"
