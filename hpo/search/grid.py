"""The points of a grid, in a fixed order."""

from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any

from ..space import Box, Parameter


def points(space: Mapping[str, Parameter], box: Box) -> Iterator[dict[str, Any]]:
    """Every point of the grid that lies in the box, once: the last parameter of the study file moves fastest."""
    axes = []
    for name, parameter in space.items():
        values = parameter.grid()
        assert values is not None, f"{name} has no grid, which the study file's rules exclude"
        low, high = box.get(name, (None, None))
        axes.append([value for value in values if low is None or high is None or low <= value <= high])
    for point in product(*axes):
        yield dict(zip(space, point, strict=True))
