"""Networks and factories that do what nobody should."""

import os
import sys

import torch
from torch import Tensor, nn

from .base import Net, Shape


class Leaving(Net):
    """Ends the process in a step, in an evaluation or on the way back, or sends it a signal; not at once, unless `together`."""

    def __init__(self, shape: Shape, classes: int, when: str, after: int = 5, number: int = 0, together: bool = False) -> None:
        super().__init__(shape, classes)
        self.when, self.after, self.number, self.together = when, after, number, together
        self.register_buffer("passes", torch.zeros((), dtype=torch.long))

    def special(self, x: Tensor) -> Tensor:
        self.passes += 1
        if (not self.together and self.passes.item() < self.after) or len(x) < 20:  # The passes that come before any training.
            return x
        if self.when == "back" and self.training:
            x.register_hook(self.leave)
        elif self.when == ("step" if self.training else "evaluation"):
            self.leave()
        return x

    def leave(self, gradient: Tensor | None = None) -> None:
        """Go."""
        if self.number:
            os.kill(os.getpid(), self.number)
        else:
            sys.exit("enough")


def in_doubles(shape: Shape, classes: int) -> nn.Module:
    """Has all that PyTorch makes from now on in float64."""
    torch.set_default_dtype(torch.float64)
    return Net(shape, classes)


def broken(shape: Shape, classes: int) -> nn.Module:
    """A factory that raises."""
    raise ValueError("no such depth")
