"""[model]: which network, as a union told apart by `name` (or by `factory`)."""

import re
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, ConfigDict, Discriminator, Field, PositiveInt, Tag

from ..section import Section

Probability = Annotated[float, Field(ge=0, lt=1)]


class NormalInit(Section):
    """Weights drawn from N(0, std^2), biases from N(0, bias_std^2)."""

    std: Annotated[float, Field(gt=0)]
    bias_std: Annotated[float, Field(ge=0)] = 0.0


def _normal(value: Any) -> Any:
    """`normal(0.001)` as {std = 0.001}: a parameter's choice is one word."""
    found = re.fullmatch(r"normal\(([0-9.eE+-]+)\)", value) if isinstance(value, str) else None
    try:
        return {"std": float(found[1])} if found else value
    except ValueError:
        return value


def _widths(value: Any) -> Any:
    """`50-30` as [50, 30], for the same reason; one layer is a number."""
    if isinstance(value, str) and re.fullmatch(r"\d+(-\d+)*", value):
        return tuple(int(width) for width in value.split("-"))
    if isinstance(value, int) and not isinstance(value, bool):
        return (value,)
    return tuple(value) if isinstance(value, list) else value


Widths = Annotated[tuple[PositiveInt, ...], BeforeValidator(_widths)]

Init = Annotated[
    Annotated[Literal["he", "glorot", "lecun"], Tag("named")] | Annotated[NormalInit, Tag("normal")],
    Discriminator(lambda value: "named" if isinstance(value, str) else "normal"),
    BeforeValidator(_normal),
]
"""he: N(0, 2/fan_in); glorot: uniform with variance 2/(fan_in + fan_out); lecun: N(0, 1/fan_in)."""


class LinearSpec(Section):
    """One weight matrix and a bias: softmax regression."""

    name: Literal["linear"]
    init: Init = "lecun"


class MlpSpec(Section):
    """Dense layers with ReLU; batch norm comes between a layer and its ReLU."""

    name: Literal["mlp"]
    hidden: Widths = (50,)
    batch_norm: bool = False
    scale_and_shift: bool = False
    """Whether batch norm learns a scale and a shift."""
    dropout: Probability = 0.0
    init: Init = "he"


class CnnSpec(Section):
    """Blocks of convolution, ReLU and 2x2 max-pooling, then one dense layer and the output."""

    name: Literal["cnn"]
    filters: PositiveInt = 16
    filter_size: PositiveInt = 3
    padding: Literal["same", "valid"] = "same"
    blocks: PositiveInt = 2
    dense: PositiveInt = 128
    dropout: Probability = 0.0
    init: Init = "glorot"

    def fits(self, shape: tuple[int, int, int]) -> bool:
        """Whether every block still has a pixel to work on, for images of (channels, height, width)."""
        _, height, width = shape
        for _ in range(self.blocks):
            lost = 0 if self.padding == "same" else self.filter_size - 1
            height, width = (height - lost) // 2, (width - lost) // 2
            if height < 1 or width < 1:
                return False
        return height >= 1 and width >= 1 and (self.padding == "valid" or self.filter_size <= min(shape[1:]))


class FactorySpec(Section):
    """A network of the user's own: `factory = "my_package.nets:build"`; the other keys are its keyword arguments.

    It is called as build(input_shape, classes, **options) and returns an nn.Module.
    """

    model_config = ConfigDict(extra="allow")

    factory: Annotated[str, Field(pattern=r"^[A-Za-z_][\w.]*:[A-Za-z_]\w*$")]

    def options(self) -> dict[str, Any]:
        """The keyword arguments for the factory."""
        return dict(self.__pydantic_extra__ or {})


def _kind(value: Any) -> str:
    keys = value if isinstance(value, dict) else getattr(value, "__dict__", {})
    return "factory" if "factory" in keys else str(keys.get("name"))


ModelSpec = Annotated[
    Annotated[LinearSpec, Tag("linear")]
    | Annotated[MlpSpec, Tag("mlp")]
    | Annotated[CnnSpec, Tag("cnn")]
    | Annotated[FactorySpec, Tag("factory")],
    Discriminator(
        _kind,
        custom_error_type="model_name",
        custom_error_message="name must be linear, mlp or cnn, or give factory = 'package.module:function'",
    ),
]

MODELS: dict[str, type[Section]] = {"linear": LinearSpec, "mlp": MlpSpec, "cnn": CnnSpec, "factory": FactorySpec}
