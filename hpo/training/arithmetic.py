"""How the processor computes while a job runs."""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

import torch
from torch.jit._fuser import optimized_execution


@contextmanager
def exact(device: str) -> Iterator[None]:
    """On a CPU: one thread, so that sums are taken in one order, and numbers too small to matter count as zero.

    Subnormal numbers slow a step down many times over once weights decay towards zero. On any device, scripted networks run as
    they are written: TorchScript's optimiser rounds otherwise after a few passes, and a network that goes on from a checkpoint is
    a new one to it. All settings are the process's own and are put back, that of subnormal numbers to PyTorch's default, since it
    cannot be asked.
    """
    with optimized_execution(False), _one_thread() if device == "cpu" else nullcontext():
        yield


@contextmanager
def _one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    try:
        yield
    finally:
        torch.set_flush_denormal(False)
        torch.set_num_threads(threads)
