"""Gradients by difference quotients of the cost, from its definition and PyTorch's own forward pass."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from ..errors import UsageError
from .images import Images


class Cost:
    """J = mean cross-entropy + l2 * sum of the squared weights of a network on one minibatch, in float64."""

    def __init__(self, network: nn.Module, images: Images, l2: float) -> None:
        self.network, self.images, self.l2 = network, images, l2
        self._buffers = {name: buffer.clone() for name, buffer in network.named_buffers()}
        self.loss, again = self._loss(), self._loss()
        if self.loss != again:
            raise UsageError(
                f"J must follow from the weights alone, but two passes gave {self.loss!r} and {again!r}:"
                " leave out what draws at random, or take hpo.models.Dropout, whose masks are given"
            )

    def forward(self, parameter: Tensor, entry: int, step: float) -> float:
        """(J(w + h) - J(w)) / h for one entry w of a parameter, counted flat."""
        loss, square = self._at(parameter, entry, step)
        here = float(parameter.data.view(-1)[entry]) ** 2
        return (loss - self.loss) / step + self._weight(parameter) * (square - here) / step

    def centred(self, parameter: Tensor, entry: int, step: float) -> float:
        """(J(w + h) - J(w - h)) / 2h for one entry w of a parameter, counted flat."""
        above, below = self._at(parameter, entry, step), self._at(parameter, entry, -step)
        return (above[0] - below[0]) / (2 * step) + self._weight(parameter) * (above[1] - below[1]) / (2 * step)

    def _weight(self, parameter: Tensor) -> float:
        """What a squared entry adds to J. The other entries' squares cancel in a difference, and would only add rounding."""
        return self.l2 if parameter.dim() >= 2 else 0.0

    def _at(self, parameter: Tensor, entry: int, by: float) -> tuple[float, float]:
        """The loss with an entry moved, and the square of that entry."""
        flat = parameter.data.view(-1)
        before = float(flat[entry])
        flat[entry] = before + by
        try:
            return self._loss(), (before + by) ** 2
        finally:
            flat[entry] = before

    @torch.no_grad()
    def _loss(self) -> float:
        for name, buffer in self.network.named_buffers():  # A pass in training mode may change what the next one goes by.
            buffer.data = self._buffers[name].clone()
        return float(functional.cross_entropy(self.network(self.images.x), self.images.y))
