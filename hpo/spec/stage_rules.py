"""The rules of stages: their names, boxes and budgets."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING

from pydantic import ValidationError

from ..errors import unknown
from .lost import Lost
from .training import TrainingSpec

if TYPE_CHECKING:
    from .study import StudySpec


def stage_faults(spec: "StudySpec", lost: Lost) -> Iterator[str]:
    """Every fault of the stages, each with its key."""
    if lost.under(("stage",)):
        return
    for index, stage in enumerate(spec.stage):
        key = f"stage.{index}"
        if stage.name in {earlier.name for earlier in spec.stage[:index]} and not lost.has("stage", index, "name"):
            yield f"{key}.name: '{stage.name}' is the name of an earlier stage"
        # Those that may be compared: trained with the budget of the stage before.
        before = sum(each.trials for each in spec.stage[:index] if each.budget == spec.stage[index - 1].budget)
        uncertain = any(lost.has("stage", each, part) for each in range(index) for part in ("trials", "budget"))
        if stage.narrow and before < stage.narrow.keep and not uncertain and not lost.has("stage", index, "narrow"):
            yield f"{key}.narrow.keep: {stage.narrow.keep} trials to keep, but only {before} come before this stage"
        for name, (low, high) in stage.box.items():
            if not lost.has("stage", index, "box", name):
                yield from _box_faults(spec, lost, f"{key}.box.{name}", name, low, high)
    yield from _budget_faults(spec, lost)


def _box_faults(spec: "StudySpec", lost: Lost, key: str, name: str, low: float, high: float) -> Iterator[str]:
    parameter = spec.space.get(name)
    if lost.under(("space",)) or (parameter is not None and lost.has("space", name)):
        return
    if parameter is None:
        yield f"{key}: {unknown('parameter', name, spec.space)}"
    elif not parameter.numeric:
        yield f"{key}: {name} has choices, which have no order; a box needs low and high"
    elif low < parameter.ends[0] or high > parameter.ends[1]:
        yield f"{key}: a box lies within the space {list(parameter.ends)}, got [{low}, {high}]"
    elif spec.search.sampler == "grid" and not lost.has("search", "sampler"):
        points = parameter.grid()
        if points and not any(low <= point <= high for point in points):
            yield f"{key}: none of the grid's values {list(points)} lies in [{low}, {high}]"


def _budget_faults(spec: "StudySpec", lost: Lost) -> Iterator[str]:
    if lost.under(("training",)) or lost.has("training", "schedule"):
        return
    changes: dict[str, Callable[[TrainingSpec], TrainingSpec]] = {
        f"stage.{index}.budget": partial(TrainingSpec.within, budget=stage.budget)
        for index, stage in enumerate(spec.stage)
        if not lost.has("stage", index, "budget")
    }
    if not lost.has("final"):
        changes["final"] = spec.final.training
    for key, change in changes.items():
        try:
            change(spec.training)
        except ValidationError as error:
            yield f"{key}: {error.errors()[0]['ctx']['error']}"
