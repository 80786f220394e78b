"""Which keys a section of a study file may have."""

from typing import Any

from ..section import Section
from ..space import Parameter
from .budget import Budget
from .data import DataSpec
from .final import FinalSpec
from .lost import Place
from .model import MODELS, FactorySpec, NormalInit
from .options import SCHEDULES
from .search import ExecutionSpec, FindingSpec, Narrow, SearchSpec, StageSpec
from .study import StudySpec
from .training import TrainingSpec

_SECTIONS: dict[str, type[Section]] = {
    "data": DataSpec, "training": TrainingSpec, "search": SearchSpec, "stage": StageSpec, "finding": FindingSpec,
    "final": FinalSpec, "execution": ExecutionSpec,
}  # fmt: skip


def keys_at(tree: Any, place: Place) -> list[str]:
    """The keys that the section at a place of a file may have, sorted; `tree` tells which network or schedule it is."""
    return sorted(_section_at(tree, place).model_fields)


def _section_at(tree: Any, place: Place) -> type[Section]:
    match place:
        case ():
            return StudySpec
        case ("model",):
            return FactorySpec if "factory" in tree["model"] else MODELS[tree["model"]["name"]]
        case ("model", "init"):
            return NormalInit
        case ("training", "schedule"):
            return SCHEDULES[tree["training"]["schedule"]["name"]]
        case ("final", "schedule"):
            return SCHEDULES[tree["final"]["schedule"]["name"]]
        case ("space", _):
            return Parameter
        case ("stage", _, "narrow"):
            return Narrow
        case ("stage", _, "budget") | ("final", "budget"):
            return Budget
    return _SECTIONS[str(place[0])]
