"""The only place that imports torchvision."""

from types import ModuleType
from typing import Any

_SCHEMAS = (
    "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
)

_declared: list[Any] = []
"""torch forgets a declaration together with the object that made it."""


def datasets() -> ModuleType:
    """torchvision.datasets, also beside a CPU-only torch.

    torchvision's wheel for CUDA cannot load its operators there, and its import ends with "operator torchvision::nms does not
    exist". The data sets need no operator, so it is enough to declare the two that the import asks for (torchvision 0.28).
    """
    try:
        from torchvision import datasets as found
    except RuntimeError as error:
        if "operator torchvision::" not in str(error):
            raise
        _declare()
        from torchvision import datasets as found
    module: ModuleType = found
    return module


def _declare() -> None:
    import torch

    library = torch.library.Library("torchvision", "FRAGMENT")
    for schema in _SCHEMAS:
        library.define(schema)
    _declared.append(library)
