"""How the processor computes while a job runs."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def exact(device: str) -> Iterator[None]:
    """On a CPU: one thread, so that sums are taken in one order, and numbers too small to matter count as zero.

    Subnormal numbers slow a step down many times over once weights decay towards zero. Both settings are the process's own and
    are put back, the second to PyTorch's default, since it cannot be asked.
    """
    if device != "cpu":
        yield
        return
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    try:
        yield
    finally:
        torch.set_flush_denormal(False)
        torch.set_num_threads(threads)
