"""Which lanes may be trained together, and how many at once: rules on shapes, without torch and without timings."""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import TypeVar

from pydantic import BaseModel

from ..spec import CnnSpec, FactorySpec, ModelSpec, TrainingSpec

LANE_OPTIONS = {"learning_rate", "momentum", "beta1", "beta2", "epsilon", "l2", "explode_at", "schedule"}
"""Keys of [training] that may differ between the lanes of one job."""

GROUP_BYTES = 64 * 2**20
"""Weights, gradients and optimizer state of a group stay within this."""

MOST_LANES = 32
"""The time per lane-step falls until about ten lanes of R3's network and then stays flat (`python -m benchmarks lanes`)."""


L = TypeVar("L")


def evenly(lanes: Sequence[L], parts: int) -> list[tuple[L, ...]]:
    """Consecutive parts whose sizes differ by one at the most, larger ones first."""
    size, larger = divmod(len(lanes), parts)
    cuts = [part * size + min(part, larger) for part in range(parts + 1)]
    return [tuple(lanes[begin:end]) for begin, end in pairwise(cuts)]


def lane_key(model: ModelSpec, training: TrainingSpec, replicate: int = 0) -> str:
    """Lanes with equal keys have networks of one shape, take the same steps and may share a job.

    With a shared order the replicates see different minibatches, so that they do not share jobs. With a budget in cycles the
    schedule tells how many steps there are.
    """
    structure = model.model_dump_json(exclude={"init"})
    steps = training.model_dump_json(exclude=LANE_OPTIONS - ({"schedule"} if training.cycles is not None else set()))
    return f"{structure} {steps} {replicate if training.order == 'shared' else 'any'}"


def default_lanes(model: ModelSpec, training: TrainingSpec, shape: tuple[int, int, int], classes: int, device: str) -> int:
    """How many lanes to stack at the most, from the network's shapes and the kind of device."""
    if device == "cuda":
        return 128
    if model_name(model) == "cnn":
        return 1  # Stacked convolutions do not pay on a CPU (docs/performance.md): there it is one network at a time.
    if isinstance(model, FactorySpec):
        return 8
    copies = 3 if training.optimizer in {"sgd", "momentum", "nesterov"} else 4
    return max(1, min(MOST_LANES, GROUP_BYTES // (4 * copies * _dense_parameters(model, math.prod(shape), classes))))


STEP = 20_000_000
"""Multiply-adds in the time that a step takes whatever its network: about a millisecond of one core."""


def effort(model: ModelSpec, training: TrainingSpec, steps: int, shape: tuple[int, int, int], classes: int) -> float:
    """About how long so many steps of one network take, in multiply-adds; tells a long job from a short one."""
    return float(steps * (training.batch_size * _multiply_adds(model, shape, classes) + STEP))


def _multiply_adds(model: ModelSpec, shape: tuple[int, int, int], classes: int) -> int:
    """For one image forwards; of a user's own network nothing is known."""
    if isinstance(model, FactorySpec):
        return 0
    if not isinstance(model, CnnSpec):
        return _dense_parameters(model, math.prod(shape), classes)
    (channels, height, width), found = shape, 0
    for _ in range(model.blocks):
        lost = 0 if model.padding == "same" else model.filter_size - 1
        height, width = height - lost, width - lost
        found += model.filters * channels * model.filter_size**2 * height * width
        channels, height, width = model.filters, height // 2, width // 2
    return found + channels * height * width * model.dense + model.dense * classes


def model_name(model: BaseModel) -> str:
    """The network's name in the study file; 'factory' for the user's own."""
    return getattr(model, "name", "factory")


def _dense_parameters(model: ModelSpec, inputs: int, classes: int) -> int:
    widths = [inputs, *getattr(model, "hidden", ()), classes]
    return sum((fan_in + 1) * fan_out for fan_in, fan_out in pairwise(widths))
