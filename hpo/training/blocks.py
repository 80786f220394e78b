"""The lanes' parameters as an optimizer takes them: small ones side by side, so that a few operations update them all."""

import torch
from torch import Tensor

from .network import Tensors, penalised

SMALL = ""
"""The block of all small parameters, (L, n): a name that no parameter can have."""

FEW = 2**12
"""Numbers of a small parameter at most. Lanes of a larger one would be read through gaps for more than its update gains."""

ALIGNED = 16
"""Numbers from one small parameter to the next are a multiple of this: a product may round otherwise from an odd address."""


class Blocks:
    """Parameters (L, ...) of the lanes in blocks: each for itself, but for small ones, which are copied into one block."""

    tensors: Tensors
    """The blocks. An optimizer writes into them."""
    by_name: Tensors
    """The same numbers by the name of the parameter, as views: what a network is to use from now on."""
    penalised: set[str]
    """Names that the L2 penalty covers."""
    weights: int
    """Numbers that it covers of each lane's small ones, the first."""

    apart: bool
    """Whether each parameter is by itself, since some may have no gradient in a step that others have one in."""

    def __init__(self, parameters: Tensors, apart: bool = False) -> None:
        self.apart = apart
        self._shapes = {name: parameter.shape for name, parameter in parameters.items()}
        self.penalised = set(penalised(parameters))
        small = sorted(
            (name for name in parameters if not apart and _small(parameters[name])), key=lambda name: name not in self.penalised
        )
        self._gaps = {name: parameters[name].new_zeros(len(parameters[name]), -self._size(name) % ALIGNED) for name in small}
        self.weights = sum(self._size(name) + gap.shape[1] for name, gap in self._gaps.items() if name in self.penalised)
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

    def covered(self, name: str, block: Tensor) -> Tensor:
        """The part of a block, or of its gradient, that the L2 penalty covers. The rest is not even multiplied by 0."""
        if name == SMALL:
            return block[:, : self.weights]
        return block if name in self.penalised else block[:, :0]

    def _size(self, name: str) -> int:
        return self._shapes[name][1:].numel()


def _small(parameter: Tensor) -> bool:
    """Filters (L, out, in, height, width) are not, since they lie in memory in an order of their own."""
    return parameter[0].numel() <= FEW and parameter.dim() != 5
