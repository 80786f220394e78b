"""What a parameter may set: any key of [training] or [model], by its short name or its dotted path."""

from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any, get_args, get_origin

from pydantic import BaseModel

from ..errors import unknown
from ..section import Section
from .budget import BUDGETS, Budget, drop_budget
from .model import FactorySpec, NormalInit
from .training import Constant, Cosine, Cyclic, Exponential, OneCycle, Step, TrainingSpec

Path = tuple[str, ...]

SCHEDULES: dict[str, type[Section]] = {
    "constant": Constant, "exponential": Exponential, "step": Step, "cyclic": Cyclic, "cosine": Cosine, "one-cycle": OneCycle,
}  # fmt: skip


def paths(model: Section, training: TrainingSpec) -> Mapping[Path, bool | None]:
    """Every key that a parameter may set in a study with this model and training; True where it takes whole numbers only."""
    return _paths(type(model), SCHEDULES[training.schedule.name], isinstance(getattr(model, "init", None), NormalInit))


@cache  # It follows from the classes alone, and is asked for with every trial.
def _paths(model: type[Section], schedule: type[Section], normal: bool) -> Mapping[Path, bool | None]:
    return {
        **_keys(("training",), TrainingSpec, without=("schedule", "order", "curve_every")),
        **_keys(("training", "schedule"), schedule, without=("name",)),
        **_keys(("model",), model, without=("name", "factory")),
        **(_keys(("model", "init"), NormalInit, without=()) if normal else {}),
    }


def option_names(model: type[Section]) -> set[str]:
    """The keys of a kind of network that a parameter may set."""
    return {path[1] for path in _keys(("model",), model, without=("name", "factory"))}


def _keys(prefix: Path, section: type[BaseModel], without: tuple[str, ...]) -> dict[Path, bool | None]:
    return {(*prefix, name): _whole(field.annotation) for name, field in section.model_fields.items() if name not in without}


def _whole(annotation: Any) -> bool | None:
    """Whether a key of this type takes whole numbers only, as a number or a list of them; None where it takes no numbers."""
    if get_origin(annotation) is tuple:
        return _whole(get_args(annotation)[0])
    members = (annotation,) if get_origin(annotation) is Annotated else get_args(annotation) or (annotation,)
    types = {get_args(each)[0] if get_origin(each) is Annotated else each for each in members} - {type(None)}
    return True if types == {int} else False if types == {float} else None


def resolve(option: str, model: Section, training: TrainingSpec) -> Path:
    """The path of the key that an option names, such as ("training", "learning_rate") for `learning_rate`.

    Raises ValueError, with the nearest name, when neither section has such a key.
    """
    known = paths(model, training)
    asked = tuple(option.split("."))
    for path in ((*asked,), ("training", *asked), ("model", *asked)):
        if path in known:
            return path
    if isinstance(model, FactorySpec):
        return asked if asked[0] == "model" else ("model", *asked)
    raise ValueError(unknown("option", option, {".".join(path[1:]) for path in known}))


def with_values(section: Section, values: Mapping[Path, Any]) -> Any:
    """The section with some of its keys set, checked again; paths are relative to the section.

    Raises pydantic.ValidationError when a value breaks a rule.
    """
    if not values:
        return section
    tree = section.model_dump(exclude_none=True)
    for path, value in values.items():
        branch = tree
        for key in path[:-1]:
            branch = branch.setdefault(key, {})
        if isinstance(section, Budget) and path[-1] in BUDGETS:
            drop_budget(branch)
        branch[path[-1]] = value
    return type(section).model_validate(tree)
