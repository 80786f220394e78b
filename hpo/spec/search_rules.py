"""The rules of the search: what a sampler, a pruner and two objectives ask of the rest of the file."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from .budget import BUDGETS
from .lost import Lost

if TYPE_CHECKING:
    from .study import StudySpec


def search_faults(spec: "StudySpec", lost: Lost) -> Iterator[str]:
    """Every fault of the search, each with its key."""
    pruner, sampler = (not lost.has("search", key) for key in ("pruner", "sampler"))
    sure = not any(lost.has("training", key) for key in BUDGETS) and not lost.has("stage")
    if pruner and sure and spec.search.pruner != "none" and any(budget.seconds is not None for budget in spec.budgets()):
        yield f"search.pruner: trials that end by the clock have no epochs in common, got {spec.search.pruner}: give none"
    if sampler:
        yield from _point_faults(spec, lost)
    if spec.search.against is not None and not lost.has("search", "against"):
        yield from _objective_faults(spec, lost, spec.search.against)


def _point_faults(spec: "StudySpec", lost: Lost) -> Iterator[str]:
    for name, parameter in spec.space.items():
        if lost.has("space", name):
            continue
        if spec.search.sampler == "grid" and parameter.grid() is None:
            yield f"space.{name}: a grid needs its points: give values = [...] instead of low and high"
        if spec.search.sampler != "grid" and parameter.values is not None:
            yield f"space.{name}: values are for a grid, got sampler {spec.search.sampler}: give low and high, or choices"


def _objective_faults(spec: "StudySpec", lost: Lost, against: str) -> Iterator[str]:
    """Of two objectives: what compares trials by one of them makes no sense."""
    if spec.search.pruner != "none" and not lost.has("search", "pruner"):
        yield f"search.pruner: a pruner compares one objective, got {spec.search.pruner} with against = {against}: give none"
    if spec.search.sampler == "cmaes" and not lost.has("search", "sampler"):
        yield f"search.sampler: cmaes takes one objective, got against = {against}: give nsga2, tpe, gp, qmc, grid or random"
    if against == "multiply_adds" and spec.timed and not lost.has("training") and not lost.has("stage"):
        yield "search.against: the clock ends training after no fixed number of multiply_adds: give epochs, or parameters"
    for index, stage in enumerate(spec.stage):
        if stage.narrow is not None and not lost.has("stage", index, "narrow"):
            yield f"stage.{index}.narrow: the best trials are those of one objective, got against = {against}: give a box"
