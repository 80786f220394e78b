"""Networks that write: into their images, their weights or their buffers."""

import torch
from torch import Tensor, nn

from .base import Net, Shape


class InPlaceInput(Net):
    """Writes into its images."""

    def forward(self, x: Tensor) -> object:
        x.sub_(0.5).mul_(2)
        return super().forward(x)


class InPlaceRelu(Net):
    """nn.ReLU(inplace=True), and on the images themselves."""

    def __init__(self, shape: Shape, classes: int) -> None:
        super().__init__(shape, classes)
        self.relu = nn.ReLU(inplace=True)

    def forward(self, x: Tensor) -> object:
        return self.last(self.relu(self.first(self.relu(x).flatten(1))))


class InPlaceFilters(nn.Module):
    """Writes into its images ahead of a convolution."""

    def __init__(self, shape: Shape, classes: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(shape[0], 3, 3)
        self.head = nn.Linear(3 * (shape[1] - 2) * (shape[2] - 2), classes)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(torch.relu_(self.conv(x.clamp_(-0.2, 0.2))).flatten(1))  # type: ignore[no-any-return]


class ByData(Net):
    """Writes into its images behind autograd's back."""

    def forward(self, x: Tensor) -> object:
        x.data = x.data * 2 - 1
        return super().forward(x)


class Clamped(Net):
    """Writes into its own weights, and gives them new memory."""

    def special(self, x: Tensor) -> Tensor:
        if self.training:
            self.last.weight.data = self.last.weight.data.clamp(-0.3, 0.3)
            with torch.no_grad():
                self.first.bias.clamp_(-0.05, 0.05)
        return x


class Average(Net):
    """A buffer that is assigned anew at every step."""

    def __init__(self, shape: Shape, classes: int, persistent: bool = True) -> None:
        super().__init__(shape, classes)
        self.register_buffer("average", torch.zeros(6), persistent=persistent)

    def special(self, x: Tensor) -> Tensor:
        if self.training:
            self.average = 0.9 * self.average + 0.1 * x.detach().mean(0)
        return x - self.average


class Passing(Average):
    """The same buffer, which is not to be saved."""

    def __init__(self, shape: Shape, classes: int) -> None:
        super().__init__(shape, classes, persistent=False)


class Counting(Net):
    """A whole number and a mask of true and false as buffers, and a rule that looks at the number."""

    def __init__(self, shape: Shape, classes: int) -> None:
        super().__init__(shape, classes)
        self.register_buffer("steps", torch.zeros((), dtype=torch.long))
        self.register_buffer("mask", torch.tensor([True, False] * 3))
        self.register_buffer("places", torch.tensor([5, 4, 3, 2, 1, 0]))

    def special(self, x: Tensor) -> Tensor:
        if self.training:
            self.steps += 1
        x = x[:, self.places].masked_fill(self.mask, 0.1)
        return x * 2 if self.steps.item() > 5 else x


class Indexed(Net):
    """The same mask and places without the rule."""

    def __init__(self, shape: Shape, classes: int) -> None:
        super().__init__(shape, classes)
        self.register_buffer("mask", torch.tensor([True, False] * 3))
        self.register_buffer("places", torch.tensor([5, 4, 3, 2, 1, 0]))

    def special(self, x: Tensor) -> Tensor:
        return x[:, self.places].masked_fill(self.mask, 0.1)


class _Growing(Net):
    def __init__(self, shape: Shape, classes: int) -> None:
        super().__init__(shape, classes)
        self.register_buffer("seen", torch.zeros(0, 6))

    def special(self, x: Tensor) -> Tensor:
        self.seen = torch.cat([self.seen, x.detach().mean(0, keepdim=True)])
        return x


def growing(shape: Shape, classes: int) -> nn.Module:
    """A buffer that gets longer."""
    return _Growing(shape, classes)
