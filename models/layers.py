"""Layers that torch.nn has in another form: faster, or with explicit state, so that many networks can be trained as one."""

import torch
from torch import Tensor, nn
from torch.nn import functional


class BatchNorm(nn.Module):
    """Batch normalisation of (batch, features) (Ioffe and Szegedy, 2015) with the 1/n variance throughout.

    The moving averages start at the first batch's statistics, as DD2424's exercise sheet has it; nn.BatchNorm1d starts them at
    zero and one, which spoils the first epochs' validation figures when activations are far from that scale.
    """

    running_mean: Tensor
    running_var: Tensor
    batches: Tensor

    def __init__(self, features: int, scale_and_shift: bool = False, decay: float = 0.99, epsilon: float = 1e-5) -> None:
        super().__init__()
        self.decay, self.epsilon = decay, epsilon
        self.weight = nn.Parameter(torch.ones(features)) if scale_and_shift else None
        self.bias = nn.Parameter(torch.zeros(features)) if scale_and_shift else None
        self.register_buffer("running_mean", torch.zeros(features))
        self.register_buffer("running_var", torch.ones(features))
        self.register_buffer("batches", torch.zeros(()))

    def forward(self, x: Tensor) -> Tensor:
        """Normalise (batch, features) by the batch's statistics in training, by the moving averages otherwise."""
        mean, var = self._batch_statistics(x) if self.training else (self.running_mean, self.running_var)
        normal = (x - mean) * torch.rsqrt(var + self.epsilon)
        return normal if self.weight is None or self.bias is None else torch.addcmul(self.bias, normal, self.weight)

    def _batch_statistics(self, x: Tensor) -> tuple[Tensor, Tensor]:
        var, mean = torch.var_mean(x, dim=0, correction=0)
        with torch.no_grad():
            keep = (self.batches > 0).to(x.dtype) * self.decay
            self.running_mean.copy_(keep * self.running_mean + (1 - keep) * mean.detach())
            self.running_var.copy_(keep * self.running_var + (1 - keep) * var.detach())
            self.batches.add_(1)
        return mean, var


class MaxPool(nn.Module):
    """Maxima of 2x2 squares, as nn.MaxPool2d(2) gives them.

    Where no gradient is asked for, they are taken of rows and columns side by side: PyTorch's own kernel also notes where each
    maximum was. 125 images of 28x28 under 55 filters, channels last, one thread: 0.9 instead of 4.1 ms in bfloat16.
    """

    def forward(self, x: Tensor) -> Tensor:
        """From (batch, channels, height, width) to half the height and width, rounded down."""
        if torch.is_grad_enabled():
            return functional.max_pool2d(x, 2)
        height, width = (size // 2 * 2 for size in x.shape[-2:])
        rows = torch.maximum(x[..., 0:height:2, :], x[..., 1:height:2, :])
        return torch.maximum(rows[..., 0:width:2], rows[..., 1:width:2])


class Dropout(nn.Module):
    """Dropout whose mask can be given.

    `mask`, of the input's shape, holds 0 where a value is dropped and 1 / (1 - p) where it is kept. While it is None, the mask
    is drawn from PyTorch's own generator, as nn.Dropout does.
    """

    mask: Tensor | None

    def __init__(self, p: float) -> None:
        super().__init__()
        self.p = p
        self.register_buffer("mask", None, persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        """Drop values in training; the identity otherwise."""
        if not self.training or self.p == 0:
            return x
        return functional.dropout(x, self.p) if self.mask is None else x * self.mask
