"""Networks two of whose layers have one tensor, or one memory."""

import torch
from torch import Tensor, nn

from .base import Net, Shape, flat


class Tied(Net):
    """Two layers of one weight, as those that embed and score words have."""

    def __init__(self, shape: Shape, classes: int) -> None:
        super().__init__(shape, classes)
        self.there, self.back = nn.Linear(6, 6, bias=False), nn.Linear(6, 6)
        self.back.weight = self.there.weight

    def special(self, x: Tensor) -> Tensor:
        return torch.tanh(self.back(torch.tanh(self.there(x))))


def tied(shape: Shape, classes: int) -> nn.Module:
    """The same among plain layers, three times."""
    layers = [nn.Linear(6, 6) for _ in range(3)]
    layers[2].weight = layers[1].weight = layers[0].weight
    return nn.Sequential(*flat(shape), nn.ReLU(), layers[0], nn.ReLU(), *layers[1:], nn.Linear(6, classes))


def tied_filters(shape: Shape, classes: int) -> nn.Module:
    """The same among convolutions, whose bias is one, too."""
    one, other = nn.Conv2d(4, 4, 3, padding=1), nn.Conv2d(4, 4, 3, padding=1)
    other.weight, other.bias = one.weight, one.bias
    body = nn.Sequential(nn.Conv2d(shape[0], 4, 3, padding=1), one, nn.Tanh(), other)
    return nn.Sequential(body, nn.Flatten(), nn.Linear(4 * shape[1] * shape[2], classes))


def one_memory(shape: Shape, classes: int) -> nn.Module:
    """Two parameters of the same numbers."""
    network = nn.Sequential(*flat(shape), nn.Linear(6, 6), nn.Tanh(), nn.Linear(6, 6), nn.Linear(6, classes))
    network[4].weight = nn.Parameter(network[2].weight.data.t())
    return network


def start_kept(shape: Shape, classes: int) -> nn.Module:
    """A buffer that was to be a copy."""
    network = nn.Sequential(*flat(shape), nn.Linear(6, classes))
    network.register_buffer("start", network[1].weight.detach())
    return network
