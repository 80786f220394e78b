"""What `hpo doctor` looks at."""

import os
import platform
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from ..errors import HpoError, NotFound

#: What hpo cannot do without.
PACKAGES = ("optuna", "torch", "torchvision", "numpy", "scikit-learn", "pydantic", "safetensors", "optuna-dashboard")

#: Instruction sets that change how fast training is.
INSTRUCTION_SETS = ("avx2", "avx512f", "avx512_bf16", "amx_tile", "amx_bf16")


class Check(NamedTuple):
    """One thing that was looked at."""

    name: str
    value: str
    good: bool = True


def every_check(storage: str) -> Iterator[Check]:
    """All of them. What cannot be looked at is not good."""
    parts: dict[str, Callable[[], Iterator[Check]]] = {
        "packages": _versions,
        "machine": _machine,
        "GPU": _accelerator,
        "SQLite": _sqlite,
        "storage": lambda: _storage(storage),
        "folders": _folders,
        "data": _data,
    }
    for name, part in parts.items():
        try:
            yield from part()
        except (HpoError, ImportError, OSError) as error:
            yield Check(name, str(error), good=False)


def _versions() -> Iterator[Check]:
    from importlib.metadata import PackageNotFoundError, version

    from .. import __version__

    yield Check("hpo", __version__)
    yield Check("python", f"{platform.python_version()} on {platform.platform()}")
    for package in PACKAGES:
        try:
            yield Check(package, version(package))
        except PackageNotFoundError:
            yield Check(package, f"missing: pip install {package}", good=False)


def _machine() -> Iterator[Check]:
    import psutil

    from ..engines import usable_cores

    memory = psutil.virtual_memory()
    yield Check("cores", f"{usable_cores()} usable of {os.cpu_count()}")
    yield Check("memory", f"{memory.available / 1e9:.1f} GB free of {memory.total / 1e9:.1f} GB")
    yield Check("instructions", ", ".join(_instruction_sets()) or "none of those that speed training up")


def _instruction_sets() -> list[str]:
    """Those that Linux names; elsewhere what PyTorch found."""
    described = Path("/proc/cpuinfo")
    if not described.is_file():
        import torch

        return [torch.backends.cpu.get_cpu_capability()]
    flags = next((line.partition(":")[2].split() for line in described.read_text().splitlines() if line.startswith("flags")), [])
    return [name for name in INSTRUCTION_SETS if name in flags]


def _accelerator() -> Iterator[Check]:
    import torch

    if not torch.cuda.is_available():
        yield Check("GPU", "none that PyTorch can use")
    for index in range(torch.cuda.device_count()):
        device = torch.cuda.get_device_properties(index)
        yield Check("GPU", f"{device.name}, {device.total_memory / 1e9:.0f} GB")


def _sqlite() -> Iterator[Check]:
    import sqlite3

    from ..storage.sqlite import JOURNAL

    kept = "write-ahead log" if JOURNAL == "wal" else "rollback journal: its write-ahead log is safe from 3.51.3 on"
    yield Check("SQLite", f"{sqlite3.sqlite_version}, {kept}")


def _storage(url: str) -> Iterator[Check]:
    from .. import runner
    from ..storage import connect

    try:
        database = connect(url, "read")
    except NotFound as error:
        yield Check("storage", str(error))
        return
    yield Check("storage", f"{database.address}, studies: {len(runner.names(database))}")


def _folders() -> Iterator[Check]:
    from ..data.places import cache_root, own_folder

    cache = cache_root()
    nearest = next(folder for folder in (cache, *cache.parents) if folder.exists())
    writable = os.access(nearest, os.W_OK)
    yield Check("cache", f"{cache}" if writable else f"{cache} cannot be written: set HPO_CACHE_DIR to another folder", writable)
    own = own_folder()
    if own is not None:
        yield Check("HPO_DATA_DIR", str(own) if own.is_dir() else f"{own} is no folder", own.is_dir())


def _data() -> Iterator[Check]:
    from ..data import library

    for found in library.available():
        state = f"{found.images:,} images cached" if found.images else "not read yet"
        yield Check("data", f"{found.name}, {'x'.join(map(str, found.shape))}: {state}, from {found.where}")
    for entry in library.verify():
        if entry.fault is not None:
            yield Check("data", f"{entry.folder}: {entry.fault}; remove the folder", good=False)
