"""What the figures were measured on: the machine, the versions, and its own best speeds."""

import os
import platform
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

_PROBE = """
import sys, time, torch
torch.set_num_threads(int(sys.argv[1]))
kind = getattr(torch, sys.argv[2])
a, b = torch.randn(2048, 2048).to(kind), torch.randn(2048, 2048).to(kind)
x, y = torch.randn(16_000_000), torch.randn(16_000_000)
def best(work, times):
    work()
    seconds = []
    for _ in range(times):
        start = time.perf_counter(); work(); seconds.append(time.perf_counter() - start)
    return min(seconds)
linear = torch.ops.mkldnn._linear_pointwise
products = min(best(lambda: a @ b, 8), best(lambda: linear(a, b, None, "none", [], ""), 8))
print(2 * 2048**3 / products / 1e9, 3 * 4 * 16e6 / best(lambda: x.add_(y), 8) / 1e9)
"""


class Roofline(NamedTuple):
    """The best that the machine does, all cores together, measured now."""

    gigaflops: float
    """Of a 2048 x 2048 product, by the faster of PyTorch's two libraries."""
    gigabytes: float
    """A second, read and written by a large in-place add."""


def roofline(precision: str = "float32", threads: int | None = None) -> Roofline:
    """Measure it, in a process of its own."""
    arguments = [sys.executable, "-c", _PROBE, str(threads or cores()), precision]
    gigaflops, gigabytes = map(float, subprocess.run(arguments, check=True, capture_output=True, text=True).stdout.split())
    return Roofline(gigaflops, gigabytes)


def cores() -> int:
    """Processors that this process may use."""
    return len(os.sched_getaffinity(0))


def described() -> str:
    """Processor, cores, memory and versions on two lines."""
    text = Path("/proc/cpuinfo").read_text(encoding="utf-8") if Path("/proc/cpuinfo").exists() else ""
    found = dict(line.split(":", 1) for line in text.replace("\t", "").splitlines() if ":" in line)
    flags = set(found.get("flags", "").split())
    special = [name for name in ("avx2", "avx512f", "avx512_bf16", "amx_bf16") if name in flags]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    versions = ", ".join(f"{name} {version(name)}" for name in ("torch", "optuna", "numpy", "sqlalchemy"))
    processor = found.get("model name", platform.processor()).strip()
    return f"{processor}, {cores()} cores ({' '.join(special)}), {memory:.0f} GiB\nPython {platform.python_version()}, {versions}"
