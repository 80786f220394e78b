"""Products in bfloat16 on a processor that has no instruction for them: of numbers rounded to bfloat16, taken in float32.

PyTorch itself takes 6 to 12 times as long for them as for float32 there. So a study that was begun in bfloat16 goes on in it on
any machine.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional
from torch.overrides import TorchFunctionMode

MULTIPLIED = torch.backends.mkldnn.is_available() and torch.ops.mkldnn._is_mkldnn_bf16_supported()
"""Whether the processor does it itself."""

_PRODUCTS = {
    functional.conv1d, functional.conv2d, functional.conv3d, functional.linear,
    torch.matmul, torch.mm, torch.bmm, torch.addmm, Tensor.matmul, Tensor.__matmul__, Tensor.mm, Tensor.bmm,
}  # fmt: skip
"""What torch.autocast takes in bfloat16."""


def product(x: Tensor, weight: Tensor) -> Tensor:
    """X @ weight.T, rounded to bfloat16, for x (..., M, K) and weight (..., N, K) in it."""
    return (x.float() @ weight.float().mT).bfloat16()


def autocast(device: str) -> AbstractContextManager[object]:
    """Within it a network's products are taken in bfloat16, forwards and backwards."""
    return _Rounded() if device == "cpu" and not MULTIPLIED else torch.autocast(device, torch.bfloat16)


class _Rounded(TorchFunctionMode):
    """Rounds what goes into a product and what comes out of it, and with that their gradients."""

    def __torch_function__(
        self, func: Callable[..., Any], types: Sequence[type], args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        kwargs = kwargs or {}
        if func not in _PRODUCTS:
            return func(*args, **kwargs)
        named = {name: _rounded(value) for name, value in kwargs.items()}
        return _rounded(func(*map(_rounded, args), **named))


def _rounded(value: Any) -> Any:
    return value.bfloat16().float() if isinstance(value, Tensor) and value.dtype is torch.float32 else value
