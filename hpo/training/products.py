"""Matrix products of dense layers, for one network and for many."""

import torch
from torch import Tensor

from . import bfloat16

_ONEDNN = torch.backends.cpu.get_cpu_capability() == "AVX512"
_ONEDNN = _ONEDNN and torch.backends.mkldnn.is_available() and hasattr(torch.ops.mkldnn, "_linear_pointwise")
_ONEDNN_TYPES = {torch.float32, torch.bfloat16}


def times_transposed(x: Tensor, weight: Tensor) -> Tensor:
    """X @ weight.T for x (M, K) and weight (N, K).

    On a CPU with AVX-512 through oneDNN; torch.mm goes to MKL, which on a processor of another maker stays at AVX2. Measured with
    one thread of an EPYC with AVX-512, float32, M=100, K=3072, N=500: 195 GFLOP/s against 88. On one without AVX-512 MKL is the
    faster: 74 GFLOP/s against 63 for M=100, K=3072, N=1250, and 78 against 38 for M=1250, K=100, N=3072.
    """
    if _ONEDNN and x.device.type == "cpu" and x.dtype in _ONEDNN_TYPES:
        return torch.ops.mkldnn._linear_pointwise(_packed(x), _packed(weight), None, "none", [], "")  # type: ignore[no-any-return]
    return _product(x, weight)


def _product(x: Tensor, weight: Tensor) -> Tensor:
    if x.dtype is torch.bfloat16 and x.device.type == "cpu" and not bfloat16.MULTIPLIED:
        return bfloat16.product(x, weight)
    # Not @, which makes a bmm of it by five more operations: a tenth of a step of one small network.
    return torch.bmm(x, weight.mT) if x.dim() == 3 else torch.mm(x, weight.mT)


def _packed(matrix: Tensor) -> Tensor:
    """The matrix itself if its rows or its columns lie side by side, else a copy: for others oneDNN has nothing but a loop.

    Two lanes' 512x100 out of a minibatch's rows, with 512 more numbers between them: 530 ms for a product of 0.25 ms.
    """
    return matrix if matrix.is_contiguous() or matrix.t().is_contiguous() else matrix.contiguous()


LARGE = 2**14
"""Numbers in a layer's weight matrix from which one call a lane costs less than it gains over one for all lanes."""


def batched_times_transposed(x: Tensor, weight: Tensor) -> Tensor:
    """x[l] @ weight[l].T of every lane l, for x (L, M, K) and weight (L, N, K)."""
    if weight.numel() < LARGE * len(weight) or x.device.type != "cpu":
        return _product(x, weight)
    return torch.stack([times_transposed(*lane) for lane in zip(x, weight, strict=True)])
