"""[data]: which images, how many of them, and how their pixels are scaled."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, PositiveInt

from ..section import Section

Shape = tuple[PositiveInt, PositiveInt, PositiveInt]

#: Input shape (channels, height, width) of the named data sets.
KNOWN_SHAPES: dict[str, Shape] = {
    "digits": (1, 8, 8),
    "mnist": (1, 28, 28),
    "fashion-mnist": (1, 28, 28),
    "cifar10": (3, 32, 32),
}


class DataSpec(Section):
    """The images of a study. A study keeps its input shape whatever source it is given."""

    name: Annotated[str, Field(min_length=1)]
    """A named data set, or the path of a folder or zip of <split>/<class>/<image>."""
    train: PositiveInt = 10_000
    """Images to train on; cut, in proportion with `validation`, to what exists."""
    validation: PositiveInt = 10_000
    """Images to validate on."""
    scale: Literal["none", "unit", "unit-256", "centre", "standardise"] = "unit"
    """none: 0..255; unit: / 255; unit-256: / 256; centre: unit less the training mean of each input; standardise: centre
    divided by the training standard deviation of each input."""
    split: Literal["stratified", "ordered"] = "stratified"
    """stratified: drawn at random with the classes in proportion; ordered: the first images train, the last validate."""
    split_seed: Annotated[int, Field(ge=0)] = 0
    """Seed of the stratified draw. Not the study's seed: every study on the same data sees the same split."""
    shape: Shape | None = None
    """Input shape (channels, height, width). By default that of the named data set; a folder's first image otherwise."""

    def input_shape(self) -> Shape | None:
        """The shape that the study asks for, or None when only the images can tell."""
        return self.shape or KNOWN_SHAPES.get(self.name)

    def using(self, source: str) -> "DataSpec":
        """The same study on other images, which are brought to the shape that this one has."""
        return self.model_copy(update={"name": source, "shape": self.input_shape()})


def on_other_images(tree: Mapping[str, Any], source: str) -> dict[str, Any]:
    """The tree of a study file as `DataSpec.using` would have its study, before it is checked."""
    data = tree.get("data")
    section = data if isinstance(data, dict) else {}
    name = section.get("name")
    shape = section.get("shape") or (KNOWN_SHAPES.get(name) if isinstance(name, str) else None)
    return {**tree, "data": {**section, "name": source, **({} if shape is None else {"shape": list(shape)})}}
