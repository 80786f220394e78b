"""The lanes' parameters as an optimizer takes them: small ones side by side, so that a few operations update them all."""

import torch
from torch import Tensor

from .network import Tensors
from .products import LARGE

SMALL = ""
"""The block of all small parameters, (L, n): a name that no parameter can have."""

ALIGNED = 16
"""Numbers from one small parameter to the next are a multiple of this: a product may round otherwise from an odd address."""


class Blocks:
    """Parameters (L, ...) by name, those of many numbers a block each, all others views of one block."""

    def __init__(self, parameters: Tensors) -> None:
        self._shapes = {name: parameter.shape for name, parameter in parameters.items()}
        small = {name: parameter for name, parameter in parameters.items() if _small(parameter)}
        self._gaps = {
            name: parameter.new_zeros(len(parameter), -parameter[0].numel() % ALIGNED) for name, parameter in small.items()
        }
        self.tensors = self.gathered(parameters)
        self.by_name = self.named(self.tensors)

    def gathered(self, named: Tensors) -> Tensors:
        """The blocks of tensors that are like the parameters; the small ones are copied."""
        blocks = {name: tensor for name, tensor in named.items() if name not in self._gaps}
        if self._gaps:
            rows = ((named[name].reshape(len(gap), self._size(name)), gap) for name, gap in self._gaps.items())
            blocks[SMALL] = torch.cat([part for row in rows for part in row], dim=1)
        return blocks

    def named(self, blocks: Tensors) -> Tensors:
        """Blocks by the name of the parameter, as views, in the order of the parameters."""
        views, start = dict(blocks), 0
        for name, gap in self._gaps.items():
            end = start + self._size(name)
            views[name] = blocks[SMALL][:, start:end].view(self._shapes[name])
            start = end + gap.shape[1]
        return {name: views[name] for name in self._shapes}

    def _size(self, name: str) -> int:
        return self._shapes[name][1:].numel()


def _small(parameter: Tensor) -> bool:
    """Filters are not, since they lie in memory in an order of their own."""
    return parameter[0].numel() < LARGE and parameter.dim() <= 3
