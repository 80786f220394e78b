"""Networks of a user's own."""

from torch import nn


def build(shape: tuple[int, int, int], classes: int, width: int) -> nn.Module:
    """One hidden layer; there is none of no width."""
    if width < 1:
        raise ValueError(f"a width must be positive, got {width}")
    inputs = shape[0] * shape[1] * shape[2]
    return nn.Sequential(nn.Flatten(), nn.Linear(inputs, width), nn.ReLU(), nn.Linear(width, classes))
