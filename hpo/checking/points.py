"""Points of the space at which a network is looked at before any trial is asked. Without torch."""

import math
import random
from collections.abc import Mapping
from itertools import product
from typing import Any, NamedTuple

from ..section import Section
from ..seeds import derive
from ..space import Interval, Parameter
from ..spec import StudySpec, TrainingSpec
from ..spec.options import Path, resolve

MOST = 6
"""Points that are looked at, at the most."""


class Point(NamedTuple):
    """A point of the space and the settings that it stands for."""

    values: Mapping[str, Any]
    model: Any
    training: TrainingSpec


def middle(spec: StudySpec, shares: Mapping[str, float] | None = None) -> Point:
    """The middle of the first stage's box, geometric for a log parameter, with some parameters moved to a share of their range.

    A share is 0 at the low end of a range, or at the first of the choices, and 1 at the other end.
    """
    box = spec.stage[0].box
    return _point(spec, {name: _at(p, box.get(name), (shares or {}).get(name, 0.5)) for name, p in spec.space.items()})


def networks(spec: StudySpec) -> list[Point]:
    """A point for each network that the choices and grid values of the space name; the other parameters are in the middle.

    Where they name more than MOST, a Latin hypercube (McKay et al., 1979) of MOST points.
    """
    named = {name: p.values or p.choices or () for name, p in spec.space.items() if path_of(spec, name)[0] == "model"}
    listed = {name: values for name, values in named.items() if values}
    if math.prod(map(len, listed.values())) > MOST:
        return spread(spec, tuple(listed))
    centre = middle(spec).values
    return [_point(spec, {**centre, **dict(zip(listed, point, strict=True))}) for point in product(*listed.values())]


def labelled(spec: StudySpec) -> list[tuple[str, Point]]:
    """Those networks with the parameters that tell them from each other, in words; a single one needs none."""
    points = networks(spec)
    return [(_words(spec, point) if len(points) > 1 else "", point) for point in points]


def _words(spec: StudySpec, point: Point) -> str:
    return ", ".join(f"{name} {value}" for name, value in point.values.items() if path_of(spec, name)[0] == "model")


def spread(spec: StudySpec, names: tuple[str, ...]) -> list[Point]:
    """A Latin hypercube of MOST points in these parameters, the others in the middle; the middle alone where there are none."""
    if not names:
        return [middle(spec)]
    source = random.Random(derive(spec.seed, "check points"))
    columns = {name: source.sample(range(MOST), MOST) for name in names}
    return [middle(spec, {name: (columns[name][row] + 0.5) / MOST for name in names}) for row in range(MOST)]


def sized_by(spec: StudySpec) -> tuple[str, ...]:
    """The parameters that change how long a trial takes: those of the network, the batch size and the epochs."""
    sizes = {("training", "batch_size"), ("training", "epochs")}
    return tuple(name for name in spec.space if path_of(spec, name)[0] == "model" or path_of(spec, name) in sizes)


def path_of(spec: StudySpec, name: str) -> Path:
    """The path of the key that a parameter sets."""
    return resolve(spec.space[name].option or name, spec.model, spec.training)


def setter(spec: StudySpec, option: Path) -> str | None:
    """The parameter that sets a key, or None."""
    return next((name for name in spec.space if path_of(spec, name) == option), None)


def _point(spec: StudySpec, values: Mapping[str, Any]) -> Point:
    model, training = spec.settings(values)
    assert isinstance(model, Section)
    return Point(values, model, training)


def _at(parameter: Parameter, within: Interval | None, share: float) -> Any:
    listed = parameter.choices or tuple(sorted(_inside(parameter.values or (), within)))
    if listed:
        # Of choices, which have no order, the middle is the first: what the author of the study thought of first.
        place = 0 if parameter.choices and share == 0.5 else int(share * len(listed))
        value = listed[min(place, len(listed) - 1)]
        return int(value) if parameter.numeric and parameter.whole else value
    return _between(parameter, *(within or parameter.ends), share)


def _inside(values: tuple[int | float, ...], within: Interval | None) -> tuple[int | float, ...]:
    return tuple(value for value in values if within is None or within[0] <= value <= within[1]) or values


def _between(parameter: Parameter, low: float, high: float, share: float) -> float:
    value = low * (high / low) ** share if parameter.log else low + share * (high - low)
    start, step = parameter.ends[0], 1 if parameter.step is None and parameter.whole else parameter.step
    if step is not None:
        value = start + math.floor((value - start) / step + 0.5) * step
        value = value if value <= high else value - step
    return round(value) if parameter.whole else value
