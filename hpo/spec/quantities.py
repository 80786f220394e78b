"""What an expression of a study file may name: parameters, options that they set, and options that the file fixes."""

from collections.abc import Mapping
from typing import Any

from ..section import Section
from ..space import Parameter
from .options import Path, paths, resolve
from .training import TrainingSpec


def names(space: Mapping[str, Parameter], model: Section, training: TrainingSpec) -> frozenset[str]:
    """Every name that an expression may use. A parameter with choices that are not all numbers cannot be reckoned with."""
    return frozenset({*_numeric(space), *setters(space, model, training), *fixed(space, model, training)})


def setters(space: Mapping[str, Parameter], model: Section, training: TrainingSpec) -> dict[str, str]:
    """Parameter by the option that it sets, such as {"learning_rate": "eta"}; a name that is a parameter's own is left out."""
    return {
        _short(path): name
        for name, path in _paths(space, model, training).items()
        if name in _numeric(space) and _short(path) not in space
    }


def fixed(space: Mapping[str, Parameter], model: Section, training: TrainingSpec) -> dict[str, float]:
    """Value by option, for the numbers in [model] and [training] that no parameter sets."""
    taken = set(_paths(space, model, training).values())
    tree = {"model": model.model_dump(), "training": training.model_dump()}
    values = {_short(path): _at(tree, path) for path in paths(model, training) if path not in taken}
    return {name: float(value) for name, value in values.items() if isinstance(value, (int, float)) and name not in space}


def _paths(space: Mapping[str, Parameter], model: Section, training: TrainingSpec) -> dict[str, Path]:
    return {name: resolve(parameter.option or name, model, training) for name, parameter in space.items()}


def _numeric(space: Mapping[str, Parameter]) -> list[str]:
    return [
        name for name, p in space.items() if p.choices is None or all(isinstance(choice, (int, float)) for choice in p.choices)
    ]


def _short(path: Path) -> str:
    return ".".join(path[1:])


def _at(tree: Any, path: Path) -> Any:
    for key in path:
        tree = tree.get(key) if isinstance(tree, dict) else None
    return tree
